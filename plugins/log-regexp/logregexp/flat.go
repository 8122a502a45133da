package logregexp

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// maxDepth is how deep the fields of a JSON line may nest.
const maxDepth = 4

// appendFlat appends a structured message as plain text, so that one expression
// reads all forms of a log: the message itself, then the fields as key=value in
// their order. It takes a JSON object, and key=value pairs with a msg among
// them; ok is false for anything else.
func appendFlat(dst, text []byte) (flat []byte, ok bool) {
	if len(text) == 0 {
		return dst, false
	}
	if text[0] == '{' {
		return appendObject(dst, text)
	}
	return appendPairs(dst, text)
}

// isStructured says whether a message looks like one that appendFlat takes.
func isStructured(text []byte) bool {
	if len(text) == 0 || text[0] == '{' {
		return len(text) > 0
	}
	equals := bytes.IndexByte(clip(text, len("timestamp=")), '=')
	return equals > 0 && isHeaderKey(string(text[:equals]))
}

// messageKeys are the names under which loggers put the message.
func isMessageKey(key string) bool {
	switch key {
	case "msg", "message", "_msg", "@message":
		return true
	}
	return false
}

// appendObject lays out a JSON object. One that is cut off is none.
func appendObject(dst, text []byte) ([]byte, bool) {
	f := flattening{decoder: json.NewDecoder(bytes.NewReader(text))}
	f.decoder.UseNumber()
	if _, err := f.decoder.Token(); err != nil || !f.object(0) {
		return dst, false
	}
	dst = append(dst, f.message...)
	return append(dst, f.fields...), true
}

// flattening is a JSON object on its way.
type flattening struct {
	decoder *json.Decoder
	message string
	fields  []byte
}

// object reads an object behind its brace. The fields of one within count as
// its own, for loggers that put all fields into one.
func (f *flattening) object(depth int) bool {
	for f.decoder.More() {
		key, err := f.decoder.Token()
		if err != nil || !f.value(key.(string), depth) {
			return false
		}
	}
	_, err := f.decoder.Token()
	return err == nil
}

func (f *flattening) value(key string, depth int) bool {
	value, err := f.decoder.Token()
	if err != nil {
		return false
	}
	switch value := value.(type) {
	case json.Delim:
		if value == '{' && depth < maxDepth {
			return f.object(depth + 1)
		}
		return f.skip()
	case string:
		if isMessageKey(key) {
			f.message = oneLine(value)
			return true
		}
		f.field(key, value)
	case json.Number:
		f.field(key, value.String())
	case bool:
		f.field(key, strconv.FormatBool(value))
	}
	return true
}

// skip reads to the end of a list or an object.
func (f *flattening) skip() bool {
	for open := 1; open > 0; {
		token, err := f.decoder.Token()
		if err != nil {
			return false
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			open++
		case json.Delim(']'), json.Delim('}'):
			open--
		}
	}
	return true
}

// field appends " key=value", with quotes where the value is no plain word.
func (f *flattening) field(key, value string) {
	f.fields = append(append(append(f.fields, ' '), oneLine(key)...), '=')
	if strings.ContainsAny(value, " \"=\\\t\r\n") {
		f.fields = strconv.AppendQuote(f.fields, value)
	} else {
		f.fields = append(f.fields, value...)
	}
}

// oneLine is a text without line ends, behind which ^ could not be told from
// the start.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, text)
}

// appendPairs lays out a line such as
//
//	t=2025-03-01T12:00:01+0000 lvl=info msg="Imported new chain segment" number=5
//
// What stands before the message is its header.
func appendPairs(dst, text []byte) ([]byte, bool) {
	equals := bytes.IndexByte(clip(text, maxName), '=')
	if equals < 0 || !isHeaderKey(string(text[:equals])) {
		return dst, false
	}
	rest := text
	if _, begins := cutPrefix(text, "msg="); !begins {
		at := bytes.Index(text, []byte(" msg="))
		if at < 0 {
			return dst, false
		}
		rest = text[at+1:]
	}
	rest = rest[len("msg="):]
	quoted, err := strconv.QuotedPrefix(string(rest))
	if err != nil {
		return append(dst, rest...), true
	}
	message, err := strconv.Unquote(quoted)
	if err != nil {
		return dst, false
	}
	dst = append(dst, oneLine(message)...)
	return append(dst, rest[len(quoted):]...), true
}

// isHeaderKey tells the keys that such a line begins with.
func isHeaderKey(key string) bool {
	switch key {
	case "t", "ts", "time", "timestamp", "lvl", "level", "msg":
		return true
	}
	return false
}
