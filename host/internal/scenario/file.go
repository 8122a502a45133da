package scenario

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/hcltext"
)

// Suffix is how the name of a file of tests ends.
const Suffix = ".test.hcl"

// maxFileSize bounds a file of tests.
const maxFileSize = 1 << 20

// defaultStart is when a history begins unless its test says otherwise.
func defaultStart() time.Time { return time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC) }

// File is a file of tests.
type File struct {
	Path  string
	Tests []*Test

	text *hcltext.File
}

// Test is one test: a history or a trace, and what is expected of it.
type Test struct {
	Name     string
	Position hcltext.Position
	// About, Operator and Differs are for people: what happens, what a good
	// operator would have done, and where the configuration differs from that.
	About, Operator, Differs string
	// Monitor is the monitor that is tested; empty for the only one.
	Monitor string
	// Env is all that env() of the configuration sees.
	Env map[string]string
	// Start is when the history begins; zero for that of a trace, where the
	// test does not say it.
	Start time.Time

	file    *File
	config  configSource
	history *history
	// trace is the path of a trace.
	trace    string
	traceAt  hcl.Range
	expects  []*expectation
	acts     *wantedActs
	verdicts *wantedVerdicts
}

// configSource is where the configuration of a test is: in a file, or in a
// block of the test's own.
type configSource struct {
	path string
	// inline is the text of the file of tests with everything outside the block
	// blank, so that positions stay right.
	inline []byte
	at     hcl.Range
}

// Load reads a file of tests; [Parse] says what it returns.
func Load(path string) (*File, hcltext.Diagnostics) {
	top, ok := language().Load(path, "tests", "")
	return readFile(top, ok)
}

// Parse reads the text of a file of tests. All mistakes are reported at once;
// only where the syntax itself is wrong nothing else can be said. The File is nil
// where the diagnostics hold an error.
func Parse(path string, src []byte) (*File, hcltext.Diagnostics) {
	top, ok := language().Parse(path, src)
	return readFile(top, ok)
}

func language() hcltext.Language {
	return hcltext.Language{Grammar: grammar(), Functions: functions(), MaxSize: maxFileSize}
}

func readFile(top hcltext.Section, ok bool) (*File, hcltext.Diagnostics) {
	f := &File{Path: top.Name, text: top.File}
	if ok {
		top.Check()
		f.read(top)
	}
	found := top.TakeFound()
	if found.HasErrors() {
		return nil, found
	}
	return f, found
}

func (f *File) read(top hcltext.Section) {
	names := &values{start: defaultStart(), let: map[string]*formula{}}
	names.define(top.Child("let"))
	top.Evaluate = names.fixed(top.File)
	whole := Test{file: f, config: readConfig(top, configSource{}), Env: top.TextMap("env")}
	for _, s := range top.Children("test") {
		f.Tests = append(f.Tests, readTest(s, whole, names))
	}
	if len(f.Tests) == 0 && !top.Found().HasErrors() {
		top.Fail(top.Start(), `Write test "what is tested" { ... }.`, "there is no test")
	}
}

func readTest(s hcltext.Section, whole Test, names *values) *Test {
	t := &whole
	t.Name, t.Position = s.Label, s.Position(s.Range)
	history := s.Child("history")
	if start, ok := readMoment(s, "start"); ok {
		t.Start = names.start.Add(start.from(names.start))
	} else if history.Given {
		t.Start = names.start
	}
	own := &values{start: t.Start, let: maps.Clone(names.let)}
	own.define(s.Child("let"))
	s.Evaluate = own.fixed(s.File)
	t.About, t.Operator, t.Differs = hcltext.OneLine(s.Text("about")), hcltext.OneLine(s.Text("operator")), hcltext.OneLine(s.Text("differs"))
	t.Monitor, t.config = s.Text("monitor"), readConfig(s, t.config)
	if t.config.path == "" && t.config.inline == nil {
		s.Fail(s.Range, `Write config = "monitor.hcl" in it, or at the top of the file.`, "%s has no config", s.What)
	}
	t.Env = maps.Clone(t.Env)
	if t.Env == nil {
		t.Env = map[string]string{}
	}
	maps.Copy(t.Env, s.TextMap("env"))
	t.readTrace(s, own)
	t.readExpectations(s, own)
	return t
}

// readConfig reads where the configuration is; otherwise stands where nothing
// is said.
func readConfig(s hcltext.Section, otherwise configSource) configSource {
	attribute, inline := s.Written("config"), s.Child("config")
	switch {
	case attribute != nil && inline.Given:
		s.Fail(attribute.NameRange, "", "config is given twice in %s", s.What)
	case attribute != nil:
		if path := s.Text("config"); path != "" {
			return configSource{path: resolve(s, path), at: attribute.Expr.Range()}
		}
	case inline.Given:
		return configSource{inline: blankOutside(inline), at: inline.Range}
	}
	return otherwise
}

// resolve is a path as seen from the file of tests.
func resolve(s hcltext.Section, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(s.Name), path)
}

// blankOutside is the text of the file with all but the inside of a block left blank.
func blankOutside(s hcltext.Section) []byte {
	text := bytes.Clone(s.Src[:s.Extent.End.Byte-1])
	brace := bytes.IndexByte(text[s.Range.End.Byte:], '{')
	for i := range text[:s.Range.End.Byte+brace+1] {
		if text[i] != '\n' {
			text[i] = ' '
		}
	}
	return text
}

// readTrace reads what the rules are driven over.
func (t *Test) readTrace(s hcltext.Section, names *values) {
	if path := s.Text("trace"); path != "" {
		t.trace, t.traceAt = resolve(s, path), s.Written("trace").Expr.Range()
	}
	switch history := s.Child("history"); {
	case history.Given && t.trace != "":
		s.Warn(t.traceAt, "headwatch test --write-trace FOLDER writes the traces of histories.", "the trace beside a history is passed over")
		fallthrough
	case history.Given:
		t.history = readHistory(history, names)
		t.history.probe()
	case t.trace == "":
		s.Fail(s.Range, `Write history { ... }, or trace = "night.jsonl".`, "%s has neither history nor trace", s.What)
	}
}

func (t *Test) readExpectations(s hcltext.Section, names *values) {
	for _, expect := range s.Children("expect") {
		t.expects = append(t.expects, readExpectation(expect, names))
	}
	t.acts = readActs(s)
	t.verdicts = readVerdicts(s)
	if len(t.expects) == 0 && t.acts == nil && t.verdicts == nil {
		s.Fail(s.Range, "Write expect { ... }, acts or verdicts.", "%s expects nothing", s.What)
	}
}

// LoadConfig reads the configuration of a test. Beside the variables of the
// test it sees those of also, in which the host finds its plugins.
func (t *Test) LoadConfig(also map[string]string) (*config.Config, hcltext.Diagnostics) {
	env := func(name string) (string, bool) {
		if value, ok := t.Env[name]; ok {
			return value, true
		}
		value, ok := also[name]
		return value, ok
	}
	if t.config.inline != nil {
		return config.Parse(t.file.Path, t.config.inline, env)
	}
	if _, err := os.Stat(t.config.path); err != nil {
		f := hcltext.NewFile(hcltext.Language{}, t.file.Path, t.file.text.Src)
		f.Fail(t.config.at, "A path is taken from the folder of this file.", "read the configuration %s: %v", t.config.path, hcltext.WithoutPath(err))
		return nil, f.TakeFound()
	}
	return config.Load(t.config.path, env)
}

// ConfigKey is the same for tests that read the same configuration in the same
// way.
func (t *Test) ConfigKey() string {
	key := fmt.Sprintf("%q", t.config.path)
	if t.config.path == "" {
		key = fmt.Sprintf("%q %d", t.file.Path, t.config.at.Start.Byte)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Env)) {
		key += fmt.Sprintf(" %q=%q", name, t.Env[name])
	}
	return key
}

// Choose finds the monitor that is tested.
func (t *Test) Choose(c *config.Config) (*config.Monitor, hcltext.Diagnostics) {
	var names []string
	for _, m := range c.Monitors {
		if m.Name == t.Monitor || t.Monitor == "" && len(c.Monitors) == 1 {
			return m, nil
		}
		names = append(names, m.Name)
	}
	d := hcltext.Diagnostic{Severity: hcltext.SeverityError, Position: t.Position, Hint: hcltext.Suggest(t.Monitor, names, "There are")}
	d.Summary = fmt.Sprintf("test %q: the configuration has no monitor %q", t.Name, t.Monitor)
	if t.Monitor == "" {
		d.Summary = fmt.Sprintf("test %q: the configuration has %d monitors", t.Name, len(c.Monitors))
		d.Hint = fmt.Sprintf("Write monitor = %q or another.", names[0])
	}
	return nil, hcltext.Diagnostics{d}
}
