package execaction

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// The marks that stand for a value in an argument: {name}, those of a target's
// values, and in the log commands these.
const (
	markName      = "name"
	markSince     = "since"
	markSinceUnix = "since_unix"
	markTail      = "tail"
)

var (
	logMarks = []string{markSince, markSinceUnix, markTail}
	markForm = regexp.MustCompile(`\{([a-z][a-z0-9_]*)\}`)
)

// marksIn are the marks of an argument, without their braces.
func marksIn(argument string) []string {
	var marks []string
	for _, found := range markForm.FindAllStringSubmatch(argument, -1) {
		marks = append(marks, found[1])
	}
	return marks
}

// variableOf is the variable of the environment that holds what a mark stands
// for.
func variableOf(mark string) string {
	if mark == markName {
		return ownVariables + "TARGET"
	}
	return ownVariables + strings.ToUpper(mark)
}

// command is what is run: the arguments as they are, the whole environment.
type command struct {
	what string // act, inspect, log_read or log_follow
	argv []string
	env  []string
	dir  string
}

// command makes a command of a list of the configuration. Every value goes into
// the one argument that its mark stands in, whatever it holds; and into the
// environment, for scripts. extra are values that only this command has; those
// among them that are no marks are for the environment alone.
func (c *Config) command(what string, list []string, t Target, extra map[string]string) (command, error) {
	values := map[string]string{markName: t.Name}
	maps.Copy(values, t.Values)
	for _, mark := range logMarks {
		if value, ok := extra[mark]; ok {
			values[mark] = value
		}
	}
	made := command{what: what, dir: c.Dir, env: c.environment(t, extra)}
	if c.Shell {
		made.argv = []string{shellProgram, "-c", list[0], "headwatch"}
		return made, nil
	}
	for i, argument := range list {
		filled, unknown := fill(argument, values)
		if unknown != "" {
			return command{}, sdk.Invalid(fmt.Errorf("argument %d of %s holds {%s}, which the target does not say: add it to its values", i, what, unknown))
		}
		made.argv = append(made.argv, filled)
	}
	return made, nil
}

// fill puts values in the places of their marks, in one pass: what a value holds
// is never read for marks.
func fill(argument string, values map[string]string) (filled, unknown string) {
	filled = markForm.ReplaceAllStringFunc(argument, func(mark string) string {
		value, ok := values[mark[1:len(mark)-1]]
		if !ok {
			unknown = mark[1 : len(mark)-1]
		}
		return value
	})
	return filled, unknown
}

// environment is all that a command sees: a PATH, what is configured, and the
// target.
func (c *Config) environment(t Target, extra map[string]string) []string {
	all := map[string]string{variablePath: defaultPath}
	for _, name := range c.PassEnv {
		if value, ok := os.LookupEnv(name); ok {
			all[name] = value
		}
	}
	maps.Copy(all, c.Env)
	all[variableOf(markName)] = t.Name
	for key, value := range t.Values {
		all[variableOf(key)] = value
	}
	for key, value := range extra {
		all[variableOf(key)] = plain(value)
	}
	var env []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		env = append(env, name+"="+all[name])
	}
	return env
}

// longestText bounds a text that goes into the environment.
const longestText = 4 << 10

// plain is a text that can stand in the environment and in one line.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)
	return text[:min(len(text), longestText)]
}

// logValues are what the marks of the log commands stand for. Seconds have six
// digits behind the point, which is what journalctl reads.
func logValues(since time.Time, most int) map[string]string {
	since = since.UTC()
	return map[string]string{
		markSince:     since.Format(time.RFC3339Nano),
		markSinceUnix: fmt.Sprintf("%d.%06d", since.Unix(), since.Nanosecond()/1000),
		markTail:      strconv.Itoa(most),
	}
}
