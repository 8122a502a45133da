package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// smallest is a file that says no more than it has to.
const smallest = `
head_source "onfinality" {
  plugin = "rpc-onfinality"
}
log_parser "aleph" {
  plugin = "alephlog-parser"
}
action "restart" {
  plugin = "docker-restart"
}
monitor "aleph" {
  heads  = [head_source.onfinality]
  parser = log_parser.aleph
  action = action.restart
  target {
    container = "azero"
  }
}
`

func TestRecord(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		name, block string
		want        *Record
	}{
		{"none", "", nil},
		{"a variable that is not set", `dir = env("UNSET", null)`, nil},
		{"the least", `dir = "/var/lib/headwatch/trace"`, &Record{Dir: "/var/lib/headwatch/trace", MaxSize: 500_000_000, MaxAge: 30 * day}},
		{"all", "dir = env(\"ABC\")\nmax_size = \"2GB\"\nmax_age = \"7d\"\nlog = \"lines\"", &Record{Dir: "abc", MaxSize: 2_000_000_000, MaxAge: 7 * day, Lines: true}},
		{"events by name", "dir = \"x\"\nlog = \"events\"", &Record{Dir: "x", MaxSize: 500_000_000, MaxAge: 30 * day}},
		{"a number of bytes", "dir = \"x\"\nmax_size = 1500000", &Record{Dir: "x", MaxSize: 1_500_000, MaxAge: 30 * day}},
		{"binary units", "dir = \"x\"\nmax_size = \" 1.5 mib \"", &Record{Dir: "x", MaxSize: 3 << 19, MaxAge: 30 * day}},
		{"hours", "dir = \"x\"\nmax_age = \"36h\"", &Record{Dir: "x", MaxSize: 500_000_000, MaxAge: 36 * time.Hour}},
		{"days and hours", "dir = \"x\"\nmax_age = \"1.5d12h\"", &Record{Dir: "x", MaxSize: 500_000_000, MaxAge: 48 * time.Hour}},
		{"seconds", "dir = \"x\"\nmax_age = 86400", &Record{Dir: "x", MaxSize: 500_000_000, MaxAge: day}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			src := smallest
			if test.block != "" {
				src += "\nrecord {\n" + test.block + "\n}\n"
			}
			config, found := Parse("a.hcl", []byte(src), testEnvironment())
			if len(found) > 0 {
				t.Fatal(found)
			}
			if diff := cmp.Diff(test.want, config.Record); diff != "" {
				t.Errorf("record (-want +got):\n%s", diff)
			}
		})
	}
}

// The block that docs/record.md shows is what there is by default.
func TestRecordPage(t *testing.T) {
	page := string(read(t, "../../../docs/record.md"))
	_, block, _ := strings.Cut(page, "```hcl\n")
	block, _, _ = strings.Cut(block, "```")
	config, found := Parse("record.md", []byte(smallest+block), nil)
	if len(found) > 0 {
		t.Fatal(found)
	}
	want := &Record{Dir: "/var/lib/headwatch/trace", MaxSize: 500_000_000, MaxAge: 30 * 24 * time.Hour}
	if diff := cmp.Diff(want, config.Record); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}
