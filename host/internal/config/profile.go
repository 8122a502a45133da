package config

import (
	"embed"
	"maps"
	"slices"
	"strings"

	"github.com/headwatch/headwatch/host/internal/hcltext"
)

//go:embed profiles/*.hcl
var profileFiles embed.FS

// Profiles are the profiles by name: HCL as `defaults` has it.
func Profiles() map[string]string {
	all := map[string]string{}
	entries, err := profileFiles.ReadDir("profiles")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	for _, entry := range entries {
		text, err := profileFiles.ReadFile("profiles/" + entry.Name())
		if err != nil {
			panic(err)
		}
		all[strings.TrimSuffix(entry.Name(), ".hcl")] = string(text)
	}
	return all
}

func profileNames() []string { return slices.Sorted(maps.Keys(Profiles())) }

// withProfile is a monitor, or defaults, with its profile under it.
func withProfile(s hcltext.Section, language hcltext.Language) hcltext.Section {
	name := s.Text("profile")
	text, known := Profiles()[name]
	if !known {
		return s // said already
	}
	top, ok := language.Parse("profile "+name, []byte(text))
	if !ok {
		panic(top.TakeFound()) // a test reads each profile
	}
	return s.WithDefaults(top.Child("defaults"))
}
