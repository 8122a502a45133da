package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The aims, in lines.
const (
	mostInHostPackage = 2200
	mostInPackage     = 3000
	mostInFile        = 400
	mostInHalf        = 10 // of the functions
	mostInNineTenths  = 23
	mostInFunction    = 45
)

// sized is something with a number of lines.
type sized struct {
	name  string
	lines int
}

// figures are sizes without tests and generated code; tests are the lines of
// tests.
type figures struct {
	functions, files, packages []sized // the largest first
	lines, tests               int
}

// print prints them.
func (f *figures) print(out io.Writer) {
	fmt.Fprintf(out, "code       %d lines in %d files, without tests and generated code\n", f.lines, len(f.files))
	fmt.Fprintf(out, "tests      %d lines\n", f.tests)
	fmt.Fprintf(out, "functions  %d: half have at most %d lines, nine of ten %d, the longest %d\n",
		len(f.functions), f.percentile(50), f.percentile(90), f.functions[0].lines)
	printLargest(out, f.functions, 3)
	fmt.Fprintln(out, "files")
	printLargest(out, f.files, 3)
	fmt.Fprintf(out, "packages   %d\n", len(f.packages))
	printLargest(out, f.packages, 8)
}

func printLargest(out io.Writer, all []sized, n int) {
	for _, one := range all[:min(n, len(all))] {
		fmt.Fprintf(out, "           %5d  %s\n", one.lines, one.name)
	}
}

// measure reads every Go file below root.
func measure(root string) (*figures, error) {
	f, packages := &figures{}, map[string]int{}
	err := walk(root, func(path string) error { return f.add(path, packages) })
	if err != nil {
		return nil, err
	}
	if len(f.functions) == 0 {
		return nil, fmt.Errorf("there is no function in %s", root)
	}
	for name, lines := range packages {
		f.packages = append(f.packages, sized{name, lines})
	}
	for _, all := range [][]sized{f.functions, f.files, f.packages} {
		slices.SortFunc(all, func(a, b sized) int { return cmp.Or(b.lines-a.lines, strings.Compare(a.name, b.name)) })
	}
	return f, nil
}

// walk calls visit with every Go file below root, but for those of test data.
func walk(root string, visit func(path string) error) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (entry.Name()[0] == '.' || entry.Name() == "testdata"):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		return visit(path)
	})
}

// add measures one file.
func (f *figures) add(path string, packages map[string]int) error {
	source, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	lines := bytes.Count(source, []byte("\n"))
	switch {
	case ast.IsGenerated(file):
		return nil
	case strings.HasSuffix(path, "_test.go"):
		f.tests += lines
		return nil
	}
	f.lines += lines
	f.files = append(f.files, sized{path, lines})
	packages[filepath.Dir(path)] += lines
	for _, declared := range file.Decls {
		if function, ok := declared.(*ast.FuncDecl); ok {
			from, to := set.Position(function.Pos()), set.Position(function.End())
			f.functions = append(f.functions, sized{fmt.Sprintf("%s:%d %s", path, from.Line, function.Name.Name), to.Line - from.Line + 1})
		}
	}
	return nil
}

// percentile is the length that so many of a hundred functions do not exceed.
func (f *figures) percentile(p int) int {
	return f.functions[len(f.functions)-1-(len(f.functions)-1)*p/100].lines
}

// faults are the figures that are worse than the aims.
func (f *figures) faults() []string {
	var found []string
	report := func(what string, lines, most int) {
		if lines > most {
			found = append(found, fmt.Sprintf("%s: %d lines, at most %d are wanted", what, lines, most))
		}
	}
	report("half of the functions", f.percentile(50), mostInHalf)
	report("nine of ten functions", f.percentile(90), mostInNineTenths)
	for _, one := range f.functions {
		report(one.name, one.lines, mostInFunction)
	}
	for _, one := range f.files {
		report(one.name, one.lines, mostInFile)
	}
	for _, one := range f.packages {
		most := mostInPackage
		if strings.HasPrefix(one.name, "host") {
			most = mostInHostPackage
		}
		report("package "+one.name, one.lines, most)
	}
	return found
}
