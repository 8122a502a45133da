package execaction

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/headwatch/headwatch/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stand is a folder that plays a target: inspect prints the file "state", and
// what act does is up to the test. The commands run in it.
type stand struct {
	t   *testing.T
	dir string
}

func newStand(t *testing.T) *stand {
	t.Helper()
	s := &stand{t: t, dir: t.TempDir()}
	s.run("2025-01-01T00:00:01Z")
	return s
}

// write writes a file of the folder, whole at once.
func (s *stand) write(name, text string) {
	s.t.Helper()
	part := filepath.Join(s.dir, name+".part")
	if err := os.WriteFile(part, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(part, filepath.Join(s.dir, name)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stand) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *stand) has(name string) bool {
	_, err := os.Stat(filepath.Join(s.dir, name))
	return err == nil
}

// run makes the target run since then.
func (s *stand) run(startedAt string) {
	s.write("state", `{"running": true, "started_at": "`+startedAt+`"}`)
}

// config has act as a script of the shell.
func (s *stand) config(act string) Config {
	return Config{
		Act: []string{act}, Inspect: []string{"cat state"}, Shell: true, Dir: s.dir, StateDir: filepath.Join(s.dir, "claims"),
		InspectFormat: formatJSON, LogFormat: formatPlain,
		ActTimeout: time.Minute, SettleTimeout: time.Minute, InspectTimeout: time.Minute, LogTimeout: time.Minute,
	}
}

// plugin is one process of the plugin, as far as the test sees.
func (s *stand) plugin(c Config) *plugin {
	s.t.Helper()
	if err := c.Validate(); err != nil {
		s.t.Fatal(err)
	}
	p := newPlugin()
	p.config = c
	if err := p.Start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	return p
}

var aTarget = Target{Name: "node"}

// request is one about the run of a new stand.
func request(id string) sdk.Request {
	return sdk.Request{ID: id, Reason: "behind by 120 blocks", TargetID: "node", RunStartedAt: time.Date(2025, 1, 1, 0, 0, 1, 0, time.UTC), AskedAt: time.Now()}
}
