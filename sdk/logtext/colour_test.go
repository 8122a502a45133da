package logtext

import "testing"

func TestAppendPlain(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"none", "2025-03-01 12:00:01 x", "2025-03-01 12:00:01 x"},
		{"stamp and level", "\x1b[2m2025-03-01\x1b[0m \x1b[32m INFO\x1b[0m x", "2025-03-01  INFO x"},
		{"in a number", "#\x1b[1;37m5\x1b[0m", "#5"},
		{"no parameter", "\x1b[mx", "x"},
		{"not a colour", "\x1b[2Kx\x1b]0;y", "\x1b[2Kx\x1b]0;y"},
		{"without end", "x\x1b[1;3", "x\x1b[1;3"},
		{"escape alone", "x\x1b", "x\x1b"},
		{"empty", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := string(AppendPlain([]byte("> "), []byte(c.text))); got != "> "+c.want {
				t.Errorf("got %q, want %q", got, "> "+c.want)
			}
			same := []byte(c.text)
			if got := string(AppendPlain(same[:0], same)); got != c.want {
				t.Errorf("in place: got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAppendUnspelled(t *testing.T) {
	cases := []struct {
		name, text, want string
		has              bool
	}{
		{"syslog", "#033[2m2025-03-01#033[0m #033[32m INFO#033[0m x", "2025-03-01  INFO x", true},
		{"JSON", `\u001b[2m2025-03-01\u001B[0m x`, "2025-03-01 x", true},
		{"shell", `\x1b[2m2025-03-01\033[0m \e[1mx`, "2025-03-01 x", true},
		{"editor", "^[[2m2025-03-01^[[0m x", "2025-03-01 x", true},
		{"picture", "␛[2m2025-03-01␛[0m x", "2025-03-01 x", true},
		{"escape lost", "[2m2025-03-01[0m x [1m#5[0m", "2025-03-01 x #5", true},
		{"brackets", "[Parachain] best #033 [3] m[0]", "[Parachain] best #033 [3] m[0]", false},
		{"bare in the middle", "rate(x[5m])", "rate(x[5m])", false},
		{"without end", "x#033[1;3", "x#033[1;3", false},
		{"empty", "", "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := []byte(c.text)
			if HasSpelledColour(text) != c.has {
				t.Errorf("HasSpelledColour is %v, want %v", !c.has, c.has)
			}
			if got := string(AppendUnspelled(text[:0], text)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
