package record

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"
)

// The names of files: those that are being written, and those that are closed.
const (
	plainEnding  = ".jsonl"
	packedEnding = ".jsonl.gz"
	stampForm    = "20060102T150405.000Z"
)

// segmentName is the form of our names. Nothing else in the folder is touched.
var segmentName = regexp.MustCompile(`^([^.].*)-(\d{8}T\d{6}\.\d{3}Z)(\.jsonl|\.jsonl\.gz)$`)

// packingName is the form of a file that is being compressed.
var packingName = regexp.MustCompile(`^\.[^.].*-\d{8}T\d{6}\.\d{3}Z\.jsonl\.gz\d+$`)

// segmentFile is one file of a recording.
type segmentFile struct {
	name   string
	begins time.Time
	packed bool
	size   int64
	ended  time.Time
}

// parseName reads the name of a file; ok is false for one that is not ours.
func parseName(name string) (s segmentFile, ok bool) {
	parts := segmentName.FindStringSubmatch(name)
	if parts == nil {
		return s, false
	}
	begins, err := time.Parse(stampForm, parts[2])
	return segmentFile{name: name, begins: begins, packed: parts[3] == packedEnding}, err == nil
}

// listSegments lists the files of a folder that are ours, the oldest first.
func listSegments(dir string) ([]segmentFile, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []segmentFile
	for _, entry := range entries {
		s, ok := parseName(entry.Name())
		if !ok || !entry.Type().IsRegular() {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s.size, s.ended = info.Size(), info.ModTime()
		files = append(files, s)
	}
	slices.SortStableFunc(files, func(a, b segmentFile) int { return a.begins.Compare(b.begins) })
	return files, nil
}

// segment is a file that is being written.
type segment struct {
	file *os.File
	name string
	size int64
}

// createSegment begins a file of a monitor at a time. Where there is one of that
// name the next millisecond is taken.
func createSegment(dir, monitor string, at time.Time, claim func(name string)) (*segment, error) {
	for range 1000 {
		name := monitor + "-" + at.UTC().Format(stampForm) + plainEnding
		claim(name)
		file, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
		if err == nil && !exists(packedName(filepath.Join(dir, name))) {
			return &segment{file: file, name: name}, nil
		}
		if err == nil {
			err = errors.Join(fs.ErrExist, file.Close(), os.Remove(file.Name()))
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		at = at.Add(time.Millisecond)
	}
	return nil, fmt.Errorf("find a free name for a recording of %s in %s", monitor, dir)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func packedName(plain string) string { return strings.TrimSuffix(plain, plainEnding) + packedEnding }

// write appends whole lines. What cannot be written to its end is taken back.
func (s *segment) write(data []byte) error {
	n, err := s.file.Write(data)
	if err == nil {
		s.size += int64(n)
		return nil
	}
	// Where this fails as well, the torn line is cut off when the file is packed.
	_ = s.file.Truncate(s.size)
	return err
}

// close makes sure that the file survives a loss of power.
func (s *segment) close() error { return errors.Join(s.file.Sync(), s.file.Close()) }

// complete cuts off a last line without an end. It says whether anything is
// left.
func complete(path string) (left bool, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer file.Close()
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return false, err
	}
	whole, err := lastLineEnd(file, size)
	if err == nil && whole < size {
		err = file.Truncate(whole)
	}
	return whole > 0, err
}

// lastLineEnd is where the last whole line of a file ends.
func lastLineEnd(file io.ReaderAt, size int64) (int64, error) {
	piece := make([]byte, 64<<10)
	for end := size; end > 0; {
		begin := max(0, end-int64(len(piece)))
		n, err := file.ReadAt(piece[:end-begin], begin)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if at := bytes.LastIndexByte(piece[:n], '\n'); at >= 0 {
			return begin + int64(at) + 1, nil
		}
		end = begin
	}
	return 0, nil
}

// pack compresses a file that is closed, and removes it once the compressed one
// is safe. At each error one of the two is there, and whole.
func pack(ctx context.Context, dir, name string) error {
	plain := filepath.Join(dir, name)
	left, err := complete(plain)
	if err != nil {
		return fmt.Errorf("complete: %w", err)
	}
	if left {
		if err := compress(ctx, dir, plain); err != nil {
			return fmt.Errorf("compress: %w", err)
		}
	}
	return os.Remove(plain)
}

func compress(ctx context.Context, dir, plain string) error {
	in, err := os.Open(plain)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := renameio.NewPendingFile(packedName(plain), renameio.WithTempDir(dir), renameio.WithPermissions(0o600))
	if err != nil {
		return err
	}
	defer out.Cleanup()
	packer := gzip.NewWriter(out)
	if _, err := io.Copy(packer, stoppable{ctx, in}); err != nil {
		return err
	}
	if err := packer.Close(); err != nil {
		return err
	}
	if err := out.CloseAtomicallyReplace(); err != nil {
		return err
	}
	// Its age counts from the last record; one that looks younger is kept longer.
	_ = os.Chtimes(packedName(plain), time.Time{}, info.ModTime())
	return syncDir(dir)
}

// stoppable is a reading that ends with its context.
type stoppable struct {
	ctx context.Context
	io.Reader
}

func (s stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.Reader.Read(p)
}

// syncDir makes a rename durable.
func syncDir(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// SegmentsOf are the files of a monitor's recording, plain or compressed, that
// have something of the time between since and at, in order; begins is when the
// first of all begins, zero where there is none.
func SegmentsOf(files []string, monitor string, since, at time.Time) (found []string, begins time.Time) {
	type segment struct {
		file  string
		begin time.Time
	}
	var all []segment
	for _, file := range files {
		parts := segmentName.FindStringSubmatch(filepath.Base(file))
		if parts == nil || parts[1] != monitor {
			continue
		}
		if begin, err := time.Parse(stampForm, parts[2]); err == nil {
			all = append(all, segment{file, begin})
		}
	}
	slices.SortStableFunc(all, func(a, b segment) int { return a.begin.Compare(b.begin) })
	for i, s := range all {
		// The next one's beginning is the end of this one.
		over := i+1 < len(all) && !all[i+1].begin.After(since)
		if !over && !s.begin.After(at) {
			found = append(found, s.file)
		}
	}
	if len(all) > 0 {
		begins = all[0].begin
	}
	return found, begins
}
