package cli

import "testing"

func TestOneOf(t *testing.T) {
	tests := []struct {
		name  string
		names []string
		want  string
		err   string
	}{
		{"", []string{"aleph"}, "aleph", ""},
		{"aleph", []string{"aleph", "azero"}, "aleph", ""},
		{"", []string{"aleph", "azero"}, "", "say which monitor: the configuration has aleph, azero"},
		{"aelph", []string{"aleph", "azero"}, "", `no monitor "aelph": the configuration has aleph, azero. Did you mean "aleph"?`},
		{"polkadot", []string{"aleph", "azero"}, "", `no monitor "polkadot": the configuration has aleph, azero`},
	}
	for _, test := range tests {
		got, err := oneOf(test.name, test.names, "the configuration")
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != test.want || text != test.err {
			t.Errorf("%q of %v is %q, %q; want %q, %q", test.name, test.names, got, text, test.want, test.err)
		}
	}
}
