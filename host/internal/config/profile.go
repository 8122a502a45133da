package config

import (
	_ "embed"
	"maps"
	"slices"

	"github.com/headwatch/headwatch/host/internal/hcltext"
)

var (
	//go:embed profiles/careful.hcl
	careful string
	//go:embed profiles/predecessor.hcl
	predecessor string
)

// profiles are the profiles by name: HCL as `defaults` has it.
func profiles() map[string]string {
	return map[string]string{"careful": careful, "predecessor": predecessor}
}

func profileNames() []string { return slices.Sorted(maps.Keys(profiles())) }

// withProfile is a monitor, or defaults, with its profile under it.
func withProfile(s hcltext.Section, language hcltext.Language) hcltext.Section {
	name := s.Text("profile")
	text, known := profiles()[name]
	if !known {
		return s // said already
	}
	top, ok := language.Parse("profile "+name, []byte(text))
	if !ok {
		panic(top.TakeFound()) // the profiles are part of the program
	}
	return s.WithDefaults(top.Child("defaults"))
}
