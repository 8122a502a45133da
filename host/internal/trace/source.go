package trace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Source is one trace. It may be opened more than once: whether a trace has
// checks of its own is known only at its end.
type Source struct {
	// Name is what warnings call it; empty where there is only one.
	Name string
	// Size is how many bytes Open reads of what is stored, for the progress; 0
	// where it is not known.
	Size int64
	Open func() (io.ReadCloser, error)
}

// FileSource is the trace in a file, plain or compressed.
func FileSource(path string) (Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Source{}, err
	}
	return Source{Name: path, Size: info.Size(), Open: func() (io.ReadCloser, error) { return Open(path) }}, nil
}

// TextSource is a trace in memory.
func TextSource(name string, text []byte) Source {
	return Source{Name: name, Size: int64(len(text)), Open: func() (io.ReadCloser, error) {
		return unpack(io.NopCloser(bytes.NewReader(text)))
	}}
}

// Spool keeps what r has, a pipe for example, in a temporary file that is gone
// with the process or when the returned function is called.
func Spool(name string, r io.Reader) (Source, func() error, error) {
	file, err := os.CreateTemp("", "headwatch-replay-")
	if err != nil {
		return Source{}, nil, fmt.Errorf("keep %s for the replay: %w", name, err)
	}
	size, err := io.Copy(file, r)
	if err = errors.Join(os.Remove(file.Name()), err); err != nil {
		return Source{}, nil, errors.Join(fmt.Errorf("keep %s for the replay: %w", name, err), file.Close())
	}
	open := func() (io.ReadCloser, error) {
		return unpack(io.NopCloser(io.NewSectionReader(file, 0, size)))
	}
	return Source{Name: name, Size: size, Open: open}, file.Close, nil
}

// The endings of recordings.
const (
	plainEnding  = ".jsonl"
	packedEnding = ".jsonl.gz"
)

// Files lists the traces that paths stand for, in order: a folder stands for the
// .jsonl and .jsonl.gz files in it by name, any other path for itself. A file
// that is there plain and compressed, because a host died in between, counts
// once, and so does one that is named twice.
func Files(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		found := []string{filepath.Clean(path)}
		if info.IsDir() {
			if found, err = folder(path); err != nil {
				return nil, err
			}
		}
		for _, file := range found {
			if !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	return files, nil
}

// folder lists the traces in a folder.
func folder(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		name := entry.Name()
		plain, packed := strings.CutSuffix(name, packedEnding)
		if entry.IsDir() || !packed && !strings.HasSuffix(name, plainEnding) {
			continue
		}
		if packed && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == plain+plainEnding }) {
			continue
		}
		files = append(files, filepath.Join(path, name))
	}
	if files == nil {
		return nil, fmt.Errorf("find traces in %s: it holds no %s or %s file", path, plainEnding, packedEnding)
	}
	return files, nil
}
