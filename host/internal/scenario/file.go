package scenario

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

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

	src []byte
}

// Test is one test: a history or a trace, and what is expected of it.
type Test struct {
	Name     string
	Position config.Position
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
	// trace is the path of a trace: of the test, or where its history is kept.
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
	// inline is the text of the file of tests with nothing left but the block,
	// so that its mistakes have their places.
	inline []byte
	at     hcl.Range
}

// Load reads a file of tests. The File is nil where the diagnostics hold an
// error.
func Load(path string) (*File, config.Diagnostics) {
	src, err := readBounded(path, maxFileSize)
	if err != nil {
		return nil, config.Diagnostics{{Severity: config.SeverityError, Position: config.Position{File: path}, Summary: fmt.Sprintf("read the tests: %v", err)}}
	}
	return Parse(path, src)
}

// readBounded reads a file up to a size. Its errors leave the path out: the
// diagnostic begins with it.
func readBounded(path string, most int64) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer in.Close()
	src, err := io.ReadAll(io.LimitReader(in, most+1))
	if err == nil && int64(len(src)) > most {
		err = fmt.Errorf("file is larger than %d bytes", most)
	}
	return src, withoutPath(err)
}

// Parse reads the text of a file of tests. All mistakes are reported at once;
// only where the syntax itself is wrong nothing else can be said.
func Parse(path string, src []byte) (*File, config.Diagnostics) {
	r := newReader(path, src)
	start := hcl.Range{Filename: path, Start: hcl.InitialPos, End: hcl.InitialPos}
	if at, deep := hcltext.TooDeep(path, src); deep {
		r.fail(at, "", "expression is nested too deep")
		return nil, r.take()
	}
	parsed, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	r.library(start, diags)
	if diags.HasErrors() {
		return nil, r.take()
	}
	f := &File{Path: path, src: src}
	top := block{reader: r, what: "the file", body: parsed.Body.(*hclsyntax.Body), at: start, values: newValues(defaultStart())}
	f.read(top)
	if found := r.take(); found.HasErrors() {
		return nil, found
	}
	return f, nil
}

func (f *File) read(top block) {
	top.check([]string{"config", "env"}, []string{"config", "let", "test"})
	for _, let := range top.blocks("let", true) {
		let.define()
	}
	whole := Test{file: f, config: top.readConfig(configSource{}), Env: top.texts("env")}
	names := map[string]bool{}
	for _, inner := range top.body.Blocks {
		if inner.Type != "test" || len(inner.Labels) != 1 {
			continue
		}
		if names[inner.Labels[0]] {
			top.fail(inner.LabelRanges[0], "Give each test a name of its own.", "test %q is given twice", inner.Labels[0])
		}
		names[inner.Labels[0]] = true
		f.Tests = append(f.Tests, top.child(inner).readTest(whole, inner.Labels[0]))
	}
	if len(top.blocks("test", false)) == 0 {
		top.fail(top.at, `Write test "what is tested" { ... }.`, "there is no test")
	}
}

func testAttributes() []string {
	return []string{"about", "operator", "differs", "config", "env", "monitor", "start", "trace", "acts", "actions", "verdicts"}
}

func (b block) readTest(whole Test, name string) *Test {
	t := &whole
	t.Name, t.Position = name, b.position(b.at)
	b.check(testAttributes(), []string{"config", "let", "history", "expect"})
	if start, ok := b.moment("start"); ok {
		t.Start = b.values.start.Add(start.from(b.values.start))
	} else if len(b.blocks("history", false)) > 0 {
		t.Start = b.values.start
	}
	b.values = b.values.with(t.Start)
	for _, let := range b.blocks("let", true) {
		let.define()
	}
	t.About, t.Operator, t.Differs, t.Monitor = b.folded("about"), b.folded("operator"), b.folded("differs"), b.text("monitor")
	t.config = b.readConfig(t.config)
	if t.config.path == "" && t.config.inline == nil {
		b.fail(b.at, `Write config = "monitor.hcl" in it, or at the top of the file.`, "%s has no config", b.what)
	}
	t.Env = merge(t.Env, b.texts("env"))
	t.readTrace(b)
	t.readExpectations(b)
	return t
}

// folded is a text in one line, however it is written.
func (b block) folded(name string) string { return strings.Join(strings.Fields(b.text(name)), " ") }

func merge(whole, own map[string]string) map[string]string {
	merged := map[string]string{}
	maps.Copy(merged, whole)
	maps.Copy(merged, own)
	return merged
}

// readConfig reads where the configuration is; otherwise stands where nothing
// is said.
func (b block) readConfig(otherwise configSource) configSource {
	inline := b.blocks("config", true)
	attribute, given := b.body.Attributes["config"]
	switch {
	case given && len(inline) > 0:
		b.fail(attribute.NameRange, "", "config is given twice in %s", b.what)
	case given:
		if path := b.text("config"); path != "" {
			return configSource{path: b.resolve(path), at: attribute.Expr.Range()}
		}
	case len(inline) > 0:
		return configSource{inline: b.only(inline[0].inside), at: inline[0].at}
	}
	return otherwise
}

// resolve is a path as seen from the file of tests.
func (r *reader) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(r.path), path)
}

// only is the text of the file with everything before and behind a part of it
// left blank.
func (r *reader) only(inside [2]int) []byte {
	text := bytes.Clone(r.src[:inside[1]])
	for i := range text[:inside[0]] {
		if text[i] != '\n' {
			text[i] = ' '
		}
	}
	return text
}

// readTrace reads what the rules are driven over.
func (t *Test) readTrace(b block) {
	histories := b.blocks("history", true)
	if path := b.text("trace"); path != "" {
		t.trace, t.traceAt = b.resolve(path), b.body.Attributes["trace"].Expr.Range()
	}
	for _, h := range histories {
		t.history = h.readHistory()
		t.history.probe()
	}
	if t.trace == "" && t.history == nil {
		b.fail(b.at, `Write history { ... }, or trace = "night.jsonl".`, "%s has neither history nor trace", b.what)
	}
}

func (t *Test) readExpectations(b block) {
	for _, expect := range b.blocks("expect", false) {
		t.expects = append(t.expects, expect.readExpectation())
	}
	t.acts = b.readActs()
	t.verdicts = b.readVerdicts()
	if len(t.expects) == 0 && t.acts == nil && t.verdicts == nil {
		b.fail(b.at, "Write expect { ... }, acts, actions or verdicts.", "%s expects nothing", b.what)
	}
}

// LoadConfig reads the configuration of a test. Beside the variables of the
// test it sees those of also, in which the host finds its plugins.
func (t *Test) LoadConfig(also map[string]string) (*config.Config, config.Diagnostics) {
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
		r := newReader(t.file.Path, t.file.src)
		r.fail(t.config.at, "A path is taken from the folder of this file.", "read the configuration %s: %v", t.config.path, withoutPath(err))
		return nil, r.take()
	}
	return config.Load(t.config.path, env)
}

// ConfigKey is the same for tests that read the same configuration in the same
// way.
func (t *Test) ConfigKey() string {
	key := fmt.Sprintf("%q %d", t.config.path, t.config.at.Start.Byte)
	if t.config.path != "" {
		key = fmt.Sprintf("%q", t.config.path)
	} else {
		key = fmt.Sprintf("%q %s", t.file.Path, key)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Env)) {
		key += fmt.Sprintf(" %q=%q", name, t.Env[name])
	}
	return key
}

// Choose finds the monitor that is tested.
func (t *Test) Choose(c *config.Config) (*config.Monitor, config.Diagnostics) {
	var names []string
	for _, m := range c.Monitors {
		if m.Name == t.Monitor || t.Monitor == "" && len(c.Monitors) == 1 {
			return m, nil
		}
		names = append(names, m.Name)
	}
	d := config.Diagnostic{Severity: config.SeverityError, Position: t.Position, Hint: hcltext.Suggest(t.Monitor, names, "There are")}
	d.Summary = fmt.Sprintf("test %q: the configuration has no monitor %q", t.Name, t.Monitor)
	if t.Monitor == "" {
		d.Summary = fmt.Sprintf("test %q: the configuration has %d monitors", t.Name, len(c.Monitors))
		d.Hint = fmt.Sprintf("Write monitor = %q or another.", names[0])
	}
	return nil, config.Diagnostics{d}
}
