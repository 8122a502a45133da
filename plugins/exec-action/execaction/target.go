package execaction

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// Target is a target block: what the marks in the commands stand for.
type Target struct {
	Name   string            `hw:"name,required" doc:"what the target is called: {name} in the commands, $HEADWATCH_TARGET in their environment"`
	Values map[string]string `hw:"values" doc:"further values: {KEY} in the commands, $HEADWATCH_KEY in their environment"`
}

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// taken are the keys that have a meaning of their own.
var taken = append([]string{markName, "target", "request_id", "reason", "run_started_at"}, logMarks...)

// longestValue is more than any name of a unit or a container.
const longestValue = 1024

// Validate contacts nothing. It refuses what a command would take for an
// option.
func (t *Target) Validate() error {
	errs := []error{checkValue(t.Name, "name")}
	for _, key := range slices.Sorted(maps.Keys(t.Values)) {
		switch {
		case !keyForm.MatchString(key):
			errs = append(errs, sdk.AttributeError(fmt.Errorf("has the key %q", key), "small letters, digits and '_', the first a letter", "values"))
		case slices.Contains(taken, key):
			errs = append(errs, sdk.AttributeError(fmt.Errorf("has the key %q, which has a meaning of its own", key), "take another", "values"))
		default:
			errs = append(errs, checkValue(t.Values[key], "values"))
		}
	}
	return errors.Join(errs...)
}

func checkValue(value, attribute string) error {
	control := func(r rune) bool { return r < ' ' || r == 0x7f }
	switch {
	case value == "":
		return sdk.AttributeError(errors.New("holds an empty text"), "", attribute)
	case strings.HasPrefix(value, "-"):
		return sdk.AttributeError(fmt.Errorf("holds %q, which a command would take for an option", value), "an option belongs in the command itself", attribute)
	case len(value) > longestValue || strings.ContainsFunc(value, control):
		return sdk.AttributeError(errors.New("holds a text that is too long or has control characters"), "", attribute)
	}
	return nil
}

// key tells targets apart.
func (t *Target) key() string {
	key := t.Name
	for _, name := range slices.Sorted(maps.Keys(t.Values)) {
		key += fmt.Sprintf(" %s=%q", name, t.Values[name])
	}
	return key
}
