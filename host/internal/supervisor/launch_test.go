package supervisor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

func TestLaunchRefuses(t *testing.T) {
	dir := plugins(t)
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no program"), 0o755); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		path   string
		change func(*Spec)
		want   []string
	}{
		"missing":           {path: "nobody", want: []string{"does not exist"}},
		"a folder":          {path: ".", want: []string{"is a folder"}},
		"not executable":    {path: "plain", want: []string{"is not executable", "chmod +x"}},
		"not a program":     {path: "text", want: []string{"exec format error"}},
		"another sha256":    {path: "action", change: func(s *Spec) { s.SHA256 = strings.Repeat("ab", 32) }, want: []string{"has the sha256", "not the configured abab"}},
		"crash":             {path: "crash", want: []string{"ended before it shook hands: exit status 3", "cannot find the moon"}},
		"no handshake":      {path: "silent", want: []string{"has not shaken hands in time"}},
		"something else":    {path: "wordy", want: []string{"Welcome to the wordy program", "no plugin of headwatch"}},
		"a newer protocol":  {path: "newer", want: []string{"speaks version 99", "this host speaks version 1: upgrade headwatch, or take an older release of the plugin"}},
		"no TLS":            {path: "foreign", change: func(s *Spec) { s.MTLS = true }, want: []string{"set mtls = false"}},
		"of another kind":   {path: "action", change: func(s *Spec) { s.Kind = sdk.KindLogParser }, want: []string{"serves [action log_source]", "not log_parser"}},
		"of the wrong kind": {path: "foreign", change: func(s *Spec) { s.Kind = sdk.KindAction }, want: []string{"serves [head_source], not action"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newSupervisor(t, slog.New(slog.DiscardHandler))
			if c.path == "silent" {
				s.times.handshake = 100 * time.Millisecond
			}
			spec := spec(dir, c.path)
			if c.change != nil {
				c.change(&spec)
			}
			_, _, err := open(context.Background(), s, spec)
			if err == nil {
				t.Fatal("it was started")
			}
			if !holdsAll(err.Error(), append(c.want, spec.Path)) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want one line with %q and the path", err, c.want)
			}
			if left, err := os.ReadDir(s.sockets.Path); err != nil || len(left) > 0 {
				t.Errorf("the socket folder holds %v, %v", left, err)
			}
		})
	}
}

func TestStart(t *testing.T) {
	dir := plugins(t)
	binary, err := os.ReadFile(filepath.Join(dir, "action"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(binary)
	cases := map[string]struct {
		role   string
		change func(*Spec)
	}{
		"plain":                   {"action", func(*Spec) {}},
		"with TLS":                {"action", func(s *Spec) { s.MTLS = true }},
		"with its sha256":         {"action", func(s *Spec) { s.SHA256 = strings.ToUpper(hex.EncodeToString(sum[:])) }},
		"of its kind":             {"action", func(s *Spec) { s.Kind = sdk.KindLogSource }},
		"of another implementer":  {"foreign", func(s *Spec) { s.Kind = sdk.KindHeadSource }},
		"with a variable of ours": {"action", func(s *Spec) { s.Env = append(s.Env, "HEADWATCH_PLUGIN") }},
	}
	t.Setenv("HEADWATCH_PLUGIN", "something else")
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newSupervisor(t, slog.New(slog.DiscardHandler))
			spec := spec(dir, c.role)
			c.change(&spec)
			// The same block again and again: no part may be used twice.
			for range 2 {
				client, stop, err := open(context.Background(), s, spec)
				if err != nil {
					t.Fatal(err)
				}
				info, err := client.Info(context.Background())
				if err != nil || info.Name != c.role {
					t.Errorf("got %v, %v", info, err)
				}
				stop()
			}
			if left, err := os.ReadDir(s.sockets.Path); err != nil || len(left) > 0 {
				t.Errorf("the socket folder holds %v, %v", left, err)
			}
		})
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	s := newSupervisor(t, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := open(ctx, s, spec(plugins(t), "silent"))
	if err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Errorf("got %v", err)
	}
}
