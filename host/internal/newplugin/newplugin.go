// Package newplugin writes the beginnings of a plugin: a Go module of its own
// that builds, has tests and works as it is. It writes into a new folder only,
// and runs nothing.
package newplugin

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// templates holds a folder for every kind, and one for all. module holds what
// the SDK needs of other modules: the lines of go.mod and those of go.sum.
//
//go:embed templates module
var embedded embed.FS

// kind is what a plugin serves, in the words of the configuration, with what the
// templates know of it.
type kind struct {
	name string
	// File is the first part of the names of the plugin's own files, Title and
	// About what the README says of it.
	File, Title, About string
}

func kinds() []kind {
	return []kind{
		{"head_source", "source", "A head source", "it asks an address for `{\"height\": 123}`."},
		{"log_parser", "parser", "A log parser", "it reads lines such as `imported block 100, 12 peers`."},
		{"action", "action", "An action", "it touches a file that stands in for a node."},
		{"log_source", "source", "A log source", "it follows a file."},
	}
}

// Kinds are the names of what a plugin may serve.
func Kinds() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// Plugin is what is to be written.
type Plugin struct {
	Kind, Name string
	// Module is the path of the Go module; the name where it is empty.
	Module string
	// SDKVersion is the version of headwatch's module, such as v0.1.0.
	SDKVersion string
	// SDKDir is a checkout that stands in for that module; empty for none.
	SDKDir string
}

// Write writes the plugin into a folder of its name under parent and returns the
// paths of its files. A folder that is there already is an error.
func (p Plugin) Write(parent string) ([]string, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	files, err := p.render()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(parent, p.Name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make folder of plugin: %w", err)
	}
	var written []string
	for _, file := range files {
		at := filepath.Join(dir, file.name)
		if err := os.WriteFile(at, file.content, 0o644); err != nil {
			return written, fmt.Errorf("write plugin: %w", err)
		}
		written = append(written, at)
	}
	return written, nil
}

// name is what a plugin may be called: it is a file, a module and a word in a
// configuration.
var name = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

func (p Plugin) check() error {
	switch {
	case !slices.Contains(Kinds(), p.Kind):
		return fmt.Errorf("there is no kind %q: it is one of %s", p.Kind, strings.Join(Kinds(), ", "))
	case !name.MatchString(p.Name) || len(p.Name) > 64:
		return fmt.Errorf("%q is no name of a plugin: write small letters and digits, with dashes between words, such as chain-head", p.Name)
	case p.SDKDir != "":
		return checkSDK(p.SDKDir)
	}
	return nil
}

// checkSDK says whether a folder holds headwatch's module.
func checkSDK(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err == nil && !bytes.HasPrefix(text, []byte("module github.com/headwatch/headwatch\n")) {
		err = errors.New("its go.mod is that of another module")
	}
	if err != nil {
		return fmt.Errorf("%s is no checkout of headwatch: %w", dir, err)
	}
	return nil
}

// file is one file of the plugin.
type file struct {
	name    string
	content []byte
}

// facts are what the templates know.
type facts struct {
	Plugin
	kind
	Go       string
	Requires []string
}

func (p Plugin) facts() (facts, error) {
	f := facts{Plugin: p}
	if f.Module == "" {
		f.Module = p.Name
	}
	f.kind = kinds()[slices.Index(Kinds(), p.Kind)]
	text, err := embedded.ReadFile("module/requires")
	if err != nil {
		return f, err
	}
	version, requires, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	f.Go, f.Requires = strings.TrimPrefix(version, "go "), strings.Split(requires, "\n")
	return f, nil
}

func (p Plugin) render() ([]file, error) {
	known, err := p.facts()
	if err != nil {
		return nil, err
	}
	sums, err := embedded.ReadFile("module/sums")
	if err != nil {
		return nil, err
	}
	files := []file{{name: "go.sum", content: sums}}
	for _, dir := range []string{"every", p.Kind} {
		entries, err := fs.ReadDir(embedded, path.Join("templates", dir))
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			content, err := render(path.Join("templates", dir, entry.Name()), known)
			if err != nil {
				return nil, err
			}
			files = append(files, file{name: fileName(entry.Name()), content: content})
		}
	}
	return files, nil
}

func fileName(template string) string {
	if template == "gitignore.tmpl" {
		return ".gitignore"
	}
	return strings.TrimSuffix(template, ".tmpl")
}

func render(path string, known facts) ([]byte, error) {
	t, err := template.New(filepath.Base(path)).Option("missingkey=error").ParseFS(embedded, path)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, known); err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, ".go.tmpl") {
		return format.Source(b.Bytes())
	}
	return b.Bytes(), nil
}
