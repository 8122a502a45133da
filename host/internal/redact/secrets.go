package redact

import (
	"encoding/json"

	"github.com/headwatch/headwatch/sdk"
)

// Secrets are the values in a plugin's config or target, as JSON, that its
// schema calls sensitive.
func Secrets(schema sdk.Schema, object []byte) []string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil {
		return nil
	}
	var found []string
	for _, attribute := range schema.Attributes {
		if attribute.Sensitive {
			found = append(found, texts(fields[attribute.Name])...)
		}
	}
	for _, block := range schema.Blocks {
		value := fields[block.Name]
		var many []json.RawMessage
		if json.Unmarshal(value, &many) != nil {
			many = []json.RawMessage{value}
		}
		for _, one := range many {
			found = append(found, Secrets(block.Schema, one)...)
		}
	}
	return found
}

// texts are the values in a piece of JSON, as texts.
func texts(raw json.RawMessage) []string {
	var all []string
	var list []json.RawMessage
	var object map[string]json.RawMessage
	var text string
	var number json.Number
	switch {
	case json.Unmarshal(raw, &text) == nil:
		return []string{text}
	case json.Unmarshal(raw, &number) == nil:
		return []string{number.String()}
	case json.Unmarshal(raw, &list) == nil:
		for _, element := range list {
			all = append(all, texts(element)...)
		}
	case json.Unmarshal(raw, &object) == nil:
		for _, element := range object {
			all = append(all, texts(element)...)
		}
	}
	return all
}
