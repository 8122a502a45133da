package sdk

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// byHandSource is a head source with a config.
type byHandSource struct {
	config struct {
		URL      string        `hw:"url,required" doc:"where to ask"`
		Timeout  time.Duration `hw:"timeout" default:"10s" doc:"how long to wait"`
		Token    string        `hw:"token,sensitive"`
		Endpoint []struct {
			Weight int `hw:"weight" default:"1" doc:"how much it counts"`
		} `hw:"endpoint"`
	}
}

func (s *byHandSource) Config() any { return &s.config }

func (s *byHandSource) GetHead(context.Context) (Head, error) { return Head{}, nil }

const wantHelp = `chain-head 1.2.3: knows a head

This is a plugin of headwatch: head_source. It is not run by hand:
name it in a block of the configuration, and headwatch starts it.
With --debug it waits for a host instead, for use under a debugger.

config:
  url      string    required  where to ask
  timeout  duration  10        how long to wait
  token    string    -         

config endpoint:
  weight  integer  1  how much it counts
`

func TestByHand(t *testing.T) {
	tests := []struct {
		name           string
		args           []string
		code           int
		stdout, stderr string
	}{
		{"version", []string{"x", "--version"}, 0, "chain-head 1.2.3\n", ""},
		{"help", []string{"x", "--help"}, 0, wantHelp, ""},
		{"nothing", []string{"x"}, 2, "", wantHelp},
		{"no arguments at all", nil, 2, "", wantHelp},
		{"anything else", []string{"x", "serve"}, 2, "", wantHelp},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := headSourcePlugin(Info{Name: "chain-head", Version: "1.2.3", Description: "knows a head"}, &byHandSource{})
			var stdout, stderr bytes.Buffer
			if code := p.byHand(test.args, &stdout, &stderr); code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if diff := cmp.Diff(test.stdout, stdout.String()); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.stderr, stderr.String()); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}

func TestByHandNamesEveryKind(t *testing.T) {
	p := headSourcePlugin(Info{Name: "n"}, &byHandSource{})
	p.info.Kinds = []Kind{KindAction, KindLogSource}
	var out bytes.Buffer
	p.help(&out)
	if !strings.Contains(out.String(), "of headwatch: action and log_source.") {
		t.Errorf("help says:\n%s", out.String())
	}
}
