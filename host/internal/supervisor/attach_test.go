package supervisor

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/launch"
	"github.com/headwatch/headwatch/sdk/wire"
)

func TestParseAttachments(t *testing.T) {
	one := Attachments{"node-head": {Address: "/tmp/plugin1", PID: 7, Protocol: 1}}
	cases := map[string]struct {
		text, want string
		all        Attachments
	}{
		"none":       {},
		"one":        {text: `{"node-head":{"address":"/tmp/plugin1","pid":7,"protocol":1}}`, all: one},
		"no JSON":    {text: "node-head", want: "read plugins that run already"},
		"no address": {text: `{"node-head":{"pid":7}}`, want: `address "" of node-head is no path`},
		"a port":     {text: `{"node-head":{"address":"127.0.0.1:80"}}`, want: "no path of a socket"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			all, err := ParseAttachments(c.text)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if diff := cmp.Diff(c.all, all); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAttachmentsFor(t *testing.T) {
	all := Attachments{"node-head": {PID: 1}, "head_source.b": {PID: 2}}
	for block, want := range map[string]int{"head_source.a": 1, "head_source.b": 2} {
		if got := all.For(block, "/usr/lib/node-head"); got == nil || got.PID != want {
			t.Errorf("%s got %v, want process %d", block, got, want)
		}
	}
	if got := all.For("action.a", "docker-restart"); got != nil {
		t.Errorf("got %v", got)
	}
}

// debugged starts a plugin as an author does, and reads what it prints.
func debugged(t *testing.T, dir, role string) (*exec.Cmd, Attachments) {
	t.Helper()
	cmd := exec.Command(filepath.Join(dir, role), "--debug")
	cmd.Env = append(os.Environ(), "TMPDIR="+sockets(t))
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		_, value, found := strings.Cut(lines.Text(), "export "+wire.ReattachVariable+"='")
		if !found {
			continue
		}
		all, err := ParseAttachments(strings.TrimSuffix(value, "'"))
		if err != nil {
			t.Fatal(err)
		}
		return cmd, all
	}
	t.Fatal("it does not say where it serves")
	return nil, nil
}

func TestAttach(t *testing.T) {
	dir := plugins(t)
	cmd, all := debugged(t, dir, "source")
	spec := sourceSpec(dir, `{"best": 42}`)
	spec.Attached, spec.MTLS = all.For(spec.Block, spec.Path), true
	for range 2 {
		// Hosts come and go; the plugin stays, with its configuration.
		p, stop := keep(t, newSupervisor(t, slog.New(slog.DiscardHandler)), spec)
		got, err := head(p)
		if err != nil || got.Best != 42 || int(*got.Finalized) != cmd.Process.Pid {
			t.Fatalf("got %v, %v", got, err)
		}
		stop()
	}
	logger, log := newRecords()
	p, _ := keep(t, newSupervisor(t, logger), spec)
	if _, err := head(p); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end", func() bool {
		_, err := head(p)
		return err != nil && log.count("the plugin is down", "its connection ended") == 1
	})
}

// TestAttachIsPatient is a plugin that stands at a breakpoint: it is not asked
// after its health, and not killed.
func TestAttachIsPatient(t *testing.T) {
	dir := plugins(t)
	_, all := debugged(t, dir, "action")
	spec := spec(dir, "action")
	spec.Attached = all.For(spec.Block, spec.Path)
	s := newSupervisor(t, slog.New(slog.DiscardHandler))
	s.times.health, s.times.healthDeadline = 1, 1
	p, _ := keep(t, s, spec)
	inspect := func(ctx context.Context, c *wire.Client) error {
		_, err := c.Inspect(ctx, []byte("{}"))
		return err
	}
	// Any health check would fail, and there is time for many of them.
	for range 50 {
		if err := p.Do(context.Background(), inspect); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAttachRefuses(t *testing.T) {
	dir := plugins(t)
	_, all := debugged(t, dir, "action")
	there := *all.For("", "action")
	cases := map[string]struct {
		attached launch.Running
		kind     sdk.Kind
		want     []string
	}{
		"nobody there":        {launch.Running{Address: "/nowhere", PID: 5, Protocol: 1}, sdk.KindAction, []string{"attach to plugin at /nowhere (process 5)", "no such file"}},
		"of another protocol": {launch.Running{Address: there.Address, Protocol: 2}, sdk.KindAction, []string{"version 2", "upgrade headwatch"}},
		"of another kind":     {there, sdk.KindLogParser, []string{"not log_parser"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			spec := spec(dir, "action")
			spec.Attached, spec.Kind = &c.attached, c.kind
			_, _, err := open(context.Background(), newSupervisor(t, slog.New(slog.DiscardHandler)), spec)
			if err == nil || !holdsAll(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
