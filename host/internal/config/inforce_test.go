package config

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/host/internal/inforce"
	"github.com/headwatch/headwatch/sdk"
)

// settings are all settings of a block and of those inside, by their path.
func settings(b InForce, prefix string, into map[string]inforce.Setting) map[string]inforce.Setting {
	for _, set := range b.Attributes {
		into[prefix+set.Name] = set
	}
	for _, inner := range b.Blocks {
		settings(inner, prefix+strings.TrimSuffix(inner.Name+"."+inner.Label, ".")+".", into)
	}
	return into
}

// Of every example each value has a place, and nothing is told of the block of a
// plugin whose schema is not known.
func TestInForceOfExamples(t *testing.T) {
	files, err := filepath.Glob("../../../examples/*.hcl")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".test.hcl") {
			continue
		}
		c, found := Parse("x.hcl", read(t, file), environment("CONTAINER_NAME=s3cret", "RPC_URL=https://s3cret/", "SECOND_RPC_URL=https://s3cret/", "PROFILE=careful"))
		if found.HasErrors() {
			t.Fatal(found)
		}
		for _, block := range c.InForce(func(*PluginBlock) (config, target sdk.Schema, ok bool) { return config, target, false }) {
			for path, set := range settings(block, "", map[string]inforce.Setting{}) {
				if set.From == "" || (set.Value == "") == (set.Otherwise == "") || strings.Contains(set.Value+set.Written, "s3cret") {
					t.Errorf("%s: %s of %s %s: %+v", file, path, block.Name, block.Label, set)
				}
			}
		}
	}
}

// What a monitor says wins over defaults, these over the profile, that over what is
// built in; null says nothing.
func TestInForceLayers(t *testing.T) {
	c, found := Parse("x.hcl", []byte(minimal(`profile = "careful"
  sync_stall {
    for    = null
    unless = null
  }
  cooldown {
    after_failure = "1m"
  }`)+`
defaults {
  sync_stall {
    unless = fact.busy
  }
  cooldown {
    after_failure = "2m"
  }
}
`), nil)
	if found.HasErrors() {
		t.Fatal(found)
	}
	blocks := c.InForce(func(*PluginBlock) (config, target sdk.Schema, ok bool) { return config, target, true })
	got := settings(blocks[len(blocks)-1], "", map[string]inforce.Setting{})
	for path, want := range map[string]string{
		"sync_stall.for": `"3m" profile careful`, "sync_stall.unless": "fact.busy x.hcl defaults", "cooldown.after_failure": `"1m" x.hcl`,
		"block_lag.moderate.shadow": "false built-in", "cooldown.after_action": `"300s" profile careful`,
	} {
		from, layer, _ := strings.Cut(got[path].From, ":")
		if _, name, ok := strings.Cut(layer, "("); ok {
			from += " " + strings.TrimSuffix(name, ")")
		}
		if text := got[path].Value + " " + from; text != want {
			t.Errorf("%s is %s, want %s", path, text, want)
		}
	}
}

// clock and one_witness are in force where head is, without standing anywhere, and are
// told so; without head, or switched off, they are not.
func TestInForceWithHead(t *testing.T) {
	for monitor, want := range map[string]string{
		"head { }":                     "clock true built-in, with head; one_witness true built-in, with head; off ",
		"":                             "off clock one_witness",
		"head {\n enabled = false\n }": "off clock one_witness",
		"head { }\nclock {\n enabled = false\n }": "clock false x.hcl; one_witness true built-in, with head; off ",
	} {
		c, found := Parse("x.hcl", []byte(minimal(monitor)), nil)
		if found.HasErrors() {
			t.Fatal(found)
		}
		blocks := c.InForce(func(*PluginBlock) (config, target sdk.Schema, ok bool) { return config, target, true })
		all := settings(blocks[len(blocks)-1], "", map[string]inforce.Setting{})
		var got []string
		for _, name := range []string{"clock", "one_witness"} {
			if set, ok := all[name+".enabled"]; ok {
				from, _, _ := strings.Cut(set.From, ":")
				got = append(got, name+" "+set.Value+" "+from)
			}
		}
		off := slices.DeleteFunc(slices.Sorted(slices.Values(blocks[len(blocks)-1].Off)), func(name string) bool { return name != "clock" && name != "one_witness" })
		if text := strings.Join(append(got, "off "+strings.Join(off, " ")), "; "); text != want {
			t.Errorf("%q: %s, want %s", monitor, text, want)
		}
	}
}
