package trace

import (
	"io"
	"os"
	"slices"
)

// SourceList are the traces that paths stand for: files, folders, and - for
// standard input. It has to be closed.
type SourceList struct {
	stdin   io.Reader
	sources []Source
	// spools hold what could be read only once.
	spools []func() error
}

// Close removes what was spooled.
func (l *SourceList) Close() {
	for _, c := range l.spools {
		c() // a temporary file that is gone already
	}
}

// OpenSources opens the traces that paths stand for.
func OpenSources(stdin io.Reader, paths []string) (*SourceList, error) {
	l := &SourceList{stdin: stdin}
	for _, path := range paths {
		if err := l.addPath(path); err != nil {
			l.Close()
			return nil, err
		}
	}
	return l, nil
}

// Sources are the traces, each once.
func (l *SourceList) Sources() []Source { return l.sources }

func (l *SourceList) addPath(path string) error {
	if path == "-" {
		return l.spool("standard input", l.stdin)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().IsRegular() || info.IsDir() {
		return l.addFiles(path)
	}
	pipe, err := os.Open(path)
	if err != nil {
		return err
	}
	defer pipe.Close()
	return l.spool(path, pipe)
}

// addFiles adds the files of a path that are not there yet.
func (l *SourceList) addFiles(path string) error {
	files, err := Files([]string{path})
	if err != nil {
		return err
	}
	for _, file := range files {
		if slices.ContainsFunc(l.sources, func(s Source) bool { return s.Name == file }) {
			continue
		}
		source, err := FileSource(file)
		if err != nil {
			return err
		}
		l.sources = append(l.sources, source)
	}
	return nil
}

func (l *SourceList) spool(name string, in io.Reader) error {
	source, done, err := Spool(name, in)
	if err == nil {
		l.sources, l.spools = append(l.sources, source), append(l.spools, done)
	}
	return err
}
