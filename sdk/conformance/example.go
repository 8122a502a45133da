package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/headwatch/headwatch/sdk"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// example is a configuration with a target, as the host would send them:
// defaults are filled in.
type example struct {
	sdk.Example
	index int
	// config and target are nil where the example's text is no JSON object.
	config, target object
	// made says that the kit made it up, since there is none.
	made bool
}

// object is a JSON object.
type object map[string]any

func (o object) json() []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(o); err != nil {
		panic(fmt.Sprintf("conformance: write what was read: %v", err))
	}
	return bytes.TrimSpace(b.Bytes())
}

// with is a copy in which one value is another; nil leaves it out.
func (o object) with(name string, value any) object {
	changed := object{}
	for k, v := range o {
		changed[k] = v
	}
	delete(changed, name)
	if value != nil {
		changed[name] = value
	}
	return changed
}

// String names the example in a report.
func (e example) String() string {
	switch {
	case e.made:
		return "the config without any attribute"
	case e.Name != "":
		return fmt.Sprintf("example %q", e.Name)
	}
	return fmt.Sprintf("example %d", e.index+1)
}

// readExamples reads the examples. A plugin that needs no config can do
// without.
func (r *run) readExamples(given []sdk.Example) []example {
	var all []example
	for i, e := range given[:min(len(given), most)] {
		all = append(all, example{Example: e, index: i, config: filled(r.config, e.Config), target: filled(r.target, e.Target)})
	}
	if len(all) == 0 && !needsAnything(r.config) {
		all = append(all, example{config: filled(r.config, "{}"), target: filled(r.target, "{}"), made: true})
	}
	return all
}

// usable are the examples whose texts are JSON objects.
func (r *run) usable() []example {
	return slices.DeleteFunc(slices.Clone(r.examples), func(e example) bool { return e.config == nil || e.target == nil })
}

// errNoExample is for checks that cannot be made without.
func (r *run) errNoExample() error {
	return skipped("the config needs values and no example gives them: publish one in Info.Examples, or give --config")
}

// each makes a check for every example that can be used. It passes where it
// passed for one at least.
func (r *run) each(do func(example) error) error {
	examples := r.usable()
	if len(examples) == 0 {
		return r.errNoExample()
	}
	var why error
	passed := false
	for _, e := range examples {
		err := do(e)
		switch {
		case err == nil:
			passed = true
		case !isSkip(err):
			return inExample(e, err)
		case why == nil:
			why = err
		}
	}
	if passed {
		return nil
	}
	return why
}

// inExample names the example in which something is wrong.
func inExample(e example, err error) error {
	if p, ok := err.(*problem); ok && !e.made {
		return &problem{text: e.String() + ": " + p.text, hint: p.hint}
	}
	return err
}

// filled reads a JSON object and fills in the defaults, as the host does; nil
// where the text is no object.
func filled(schema sdk.Schema, text string) object {
	if text == "" {
		text = "{}"
	}
	var o object
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&o); err != nil || o == nil || decoder.More() {
		return nil
	}
	fill(schema, o)
	return o
}

// fill fills in the defaults of what an object lacks.
func fill(schema sdk.Schema, o object) {
	for _, a := range schema.Attributes {
		if _, given := o[a.Name]; !given && a.Default != "" {
			if value := parsed(a.Default); value != nil {
				o[a.Name] = value
			}
		}
	}
	for _, b := range schema.Blocks {
		if _, given := o[b.Name]; !given && !b.Required && !b.Repeated && !needsAnything(b.Schema) {
			inner := object{}
			if fill(b.Schema, inner); len(inner) > 0 {
				o[b.Name] = map[string]any(inner)
			}
		}
		for _, inner := range blocksOf(o[b.Name]) {
			fill(b.Schema, inner)
		}
	}
}

// blocksOf are the nested blocks that a value holds: one object, or several.
func blocksOf(value any) []object {
	switch value := value.(type) {
	case map[string]any:
		return []object{value}
	case []any:
		var all []object
		for _, each := range value {
			if o, ok := each.(map[string]any); ok {
				all = append(all, o)
			}
		}
		return all
	}
	return nil
}

// parsed is a JSON text as a value, numbers as they stand; nil where it is none.
func parsed(text string) any {
	var value any
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return nil
	}
	return value
}

func needsAnything(s sdk.Schema) bool {
	return slices.ContainsFunc(s.Attributes, func(a sdk.Attribute) bool { return a.Required }) ||
		slices.ContainsFunc(s.Blocks, func(b sdk.Block) bool { return b.Required })
}

// configure has an instance take the config of an example.
func configure(ctx context.Context, i *Instance, e example) error {
	answer, err := ask(ctx, callLimit, func(ctx context.Context) (*pluginv1.ConfigureResponse, error) {
		return i.plugin.Configure(ctx, &pluginv1.ConfigureRequest{ConfigJson: e.config.json()})
	})
	if err != nil {
		return failed(i, "Configure", err)
	}
	if found := errorsOf(answer.GetDiagnostics()); len(found) > 0 {
		return wrong("Configure must not wait for a back-end: what is not there yet is an error of the calls that need it",
			"Configure refuses the config: %s", words(found))
	}
	return nil
}
