package conformance

import (
	"context"
	"fmt"
	"slices"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/conformance/internal/block"
	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// example is a configuration with a target, as the host would send them:
// defaults are filled in.
type example struct {
	sdk.Example
	index int
	// config and target are nil where the example's text is no JSON object.
	config, target block.Object
	// made says that the kit made it up, since there is none.
	made bool
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
		all = append(all, example{Example: e, index: i, config: block.Read(r.config, e.Config), target: block.Read(r.target, e.Target)})
	}
	if len(all) == 0 && !block.NeedsAnything(r.config) {
		all = append(all, example{config: block.Read(r.config, "{}"), target: block.Read(r.target, "{}"), made: true})
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

// eachExample makes a check for every example that can be used. It passes where it
// passed for one at least.
func (r *run) eachExample(do func(example) error) error {
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

// configure has an instance take the config of an example.
func configure(ctx context.Context, i *subject.Instance, e example) error {
	answer, err := called(ctx, i, i.Plugin.Configure, &pluginv1.ConfigureRequest{ConfigJson: e.config.JSON()})
	if err != nil {
		return err
	}
	if found := errorsOf(answer.GetDiagnostics()); len(found) > 0 {
		return wrong("Configure must not wait for a back-end: what is not there yet is an error of the calls that need it",
			"Configure refuses the config: %s", words(found))
	}
	return nil
}
