package execaction

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// Config is the plugin's config block.
type Config struct {
	Act       []string `hw:"act,required" doc:"the command that restarts the target: a program and its arguments"`
	Inspect   []string `hw:"inspect,required" doc:"the command that tells the target's state, and changes nothing"`
	LogRead   []string `hw:"log_read" doc:"the command that prints the log from {since} on, at most {tail} lines, and ends"`
	LogFollow []string `hw:"log_follow" doc:"the command that prints the log from {since} on, and goes on"`
	Shell     bool     `hw:"shell" default:"false" doc:"each command is one text that /bin/sh runs"`

	InspectFormat string   `hw:"inspect_format" default:"json" oneof:"json systemd" doc:"how inspect answers: a JSON object, or the lines of systemctl show"`
	AbsentOn      []string `hw:"absent_on" doc:"exit codes of inspect that say there is no such target; empty for no output at all"`
	LogFormat     string   `hw:"log_format" default:"plain" oneof:"plain rfc3339 unix journal" doc:"how a line of the log begins: with no stamp, or RFC 3339, or seconds since 1970; or journalctl's JSON"`
	LogStderr     bool     `hw:"log_stderr" default:"false" doc:"what the log commands write to standard error is log too"`

	Env      map[string]string `hw:"env,sensitive" doc:"environment variables of the commands"`
	PassEnv  []string          `hw:"pass_env" doc:"variables of the plugin's own environment that the commands get"`
	Dir      string            `hw:"dir" default:"/" doc:"the folder that the commands run in"`
	StateDir string            `hw:"state_dir" doc:"where begun acts are noted; default: a folder in the one for temporary files"`

	ActTimeout     time.Duration `hw:"act_timeout" default:"2m" doc:"how long act may take before it is killed"`
	SettleTimeout  time.Duration `hw:"settle_timeout" default:"1m" doc:"how long the target may take after act until its new run is seen"`
	InspectTimeout time.Duration `hw:"inspect_timeout" default:"10s" doc:"how long inspect may take"`
	LogTimeout     time.Duration `hw:"log_timeout" default:"1m" doc:"how long log_read may take"`
}

// The words of absent_on and of the formats.
const (
	absentOnEmpty  = "empty"
	formatJSON     = "json"
	formatSystemd  = "systemd"
	formatPlain    = "plain"
	formatRFC3339  = "rfc3339"
	formatUnix     = "unix"
	formatJournal  = "journal"
	ownVariables   = "HEADWATCH_"
	maxActTime     = time.Hour
	shellProgram   = "/bin/sh"
	variablePath   = "PATH"
	defaultPath    = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	longestCommand = 64 << 10
)

var variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Validate contacts nothing and looks at no file.
func (c *Config) Validate() error {
	errs := []error{
		c.checkCommand("act", c.Act, nil),
		c.checkCommand("inspect", c.Inspect, nil),
		c.checkCommand("log_read", c.LogRead, logMarks),
		c.checkCommand("log_follow", c.LogFollow, logMarks),
		c.checkLog(), c.checkEnvironment(), c.checkTimes(),
	}
	for i, word := range c.AbsentOn {
		if code, err := strconv.Atoi(word); word != absentOnEmpty && (err != nil || code < 1 || code > 255) {
			errs = append(errs, sdk.AttributeError(fmt.Errorf("%q is no exit code", word), `a number from 1 to 255 in quotes, or "empty" for exit code 0 and no output`, "absent_on", strconv.Itoa(i)))
		}
	}
	for _, each := range []struct{ name, value string }{{"dir", c.Dir}, {"state_dir", c.StateDir}} {
		if each.value != "" && !filepath.IsAbs(each.value) {
			errs = append(errs, sdk.AttributeError(fmt.Errorf("%q is no absolute path", each.value), "", each.name))
		}
	}
	return errors.Join(errs...)
}

// checkCommand judges one list of arguments, which may hold these marks beside
// those of the target. A list that is not given is judged elsewhere.
func (c *Config) checkCommand(name string, list, marks []string) error {
	required := name == "act" || name == "inspect"
	switch {
	case len(list) == 0 && !required:
		return nil
	case len(list) == 0 || list[0] == "":
		return sdk.AttributeError(errors.New("names no program"), `such as ["systemctl", "restart", "{name}"]`, name)
	case c.Shell:
		return checkScript(name, list)
	}
	if problem := checkProgram(list[0]); problem != "" {
		return sdk.AttributeError(errors.New(problem), `a bare name is looked up in PATH, an absolute path is taken as it is; shell = true runs a text with /bin/sh`, name, "0")
	}
	size := 0
	for i, argument := range list {
		size += len(argument)
		if strings.ContainsRune(argument, 0) {
			return sdk.AttributeError(errors.New("holds a zero byte"), "", name, strconv.Itoa(i))
		}
		for _, mark := range marksIn(argument) {
			if slices.Contains(logMarks, mark) && !slices.Contains(marks, mark) {
				return sdk.AttributeError(fmt.Errorf("holds {%s}, which only the log commands know", mark), "", name, strconv.Itoa(i))
			}
		}
	}
	if size > longestCommand {
		return sdk.AttributeError(errors.New("is too long"), "put it into a script", name)
	}
	return nil
}

func checkScript(name string, list []string) error {
	if len(list) != 1 {
		return sdk.AttributeError(fmt.Errorf("holds %d texts, and with shell = true a command is one", len(list)), `such as ["systemctl restart \"$HEADWATCH_TARGET\""]`, name)
	}
	for _, mark := range marksIn(list[0]) {
		if mark == markName || slices.Contains(logMarks, mark) {
			return sdk.AttributeError(fmt.Errorf("holds {%s}, and no value is put into a text that a shell reads", mark),
				fmt.Sprintf(`write "$%s", with the quotes`, variableOf(mark)), name)
		}
	}
	return nil
}

// checkProgram says what is wrong with the name of a program; empty for
// nothing.
func checkProgram(name string) string {
	switch {
	case len(marksIn(name)) > 0:
		return fmt.Sprintf("%q is a program that the target would choose", name)
	case filepath.IsAbs(name):
		return ""
	case strings.ContainsAny(name, "/ \t\n"):
		return fmt.Sprintf("%q is neither the name of a program nor an absolute path", name)
	}
	return ""
}

func (c *Config) checkLog() error {
	switch {
	case len(c.LogRead) > 0 && len(c.LogFollow) == 0:
		return sdk.AttributeError(errors.New("is given without log_follow"), "name the command that goes on from there", "log_read")
	case len(c.LogRead) == 0 && len(c.LogFollow) > 0 && c.LogFormat != formatPlain:
		return sdk.AttributeError(errors.New("is given without log_read"), "name the command that prints what there is, and ends", "log_follow")
	case len(c.LogRead) > 0 && c.LogFormat == formatPlain:
		return sdk.AttributeError(errors.New("needs lines that begin with a stamp, which tell what was read already"), `set log_format, and have the command print stamps`, "log_read")
	}
	return nil
}

func (c *Config) checkEnvironment() error {
	var errs []error
	bad := func(name, attribute string, path ...string) {
		switch {
		case !variableForm.MatchString(name):
			errs = append(errs, sdk.AttributeError(fmt.Errorf("%q is no name of a variable", name), "", append([]string{attribute}, path...)...))
		case strings.HasPrefix(name, ownVariables):
			errs = append(errs, sdk.AttributeError(fmt.Errorf("%s is the plugin's to set", name), "take another name", append([]string{attribute}, path...)...))
		}
	}
	for i, name := range c.PassEnv {
		bad(name, "pass_env", strconv.Itoa(i))
	}
	for name, value := range c.Env {
		bad(name, "env")
		if strings.ContainsRune(value, 0) {
			errs = append(errs, sdk.AttributeError(fmt.Errorf("holds a zero byte in %s", name), "", "env"))
		}
	}
	for folder := range strings.SplitSeq(c.Env[variablePath], ":") {
		if _, given := c.Env[variablePath]; given && !filepath.IsAbs(folder) {
			errs = append(errs, sdk.AttributeError(errors.New("holds a PATH with a folder that is not absolute"), "", "env"))
			break
		}
	}
	return errors.Join(errs...)
}

func (c *Config) checkTimes() error {
	var errs []error
	for _, each := range []struct {
		name  string
		value time.Duration
	}{{"act_timeout", c.ActTimeout}, {"settle_timeout", c.SettleTimeout}, {"inspect_timeout", c.InspectTimeout}, {"log_timeout", c.LogTimeout}} {
		if each.value <= 0 || each.value > maxActTime {
			errs = append(errs, sdk.AttributeError(fmt.Errorf("%s is out of range", each.value), "from 1s to 1h", each.name))
		}
	}
	return errors.Join(errs...)
}
