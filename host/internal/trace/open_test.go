package trace

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func packed(tb testing.TB, text string) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	if err = errors.Join(err, w.Close()); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// manyLines is a trace that does not compress to nothing.
func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Replace(checkLine, "2025", string(rune('1'+i%7))+"02"+string(rune('0'+i*i%10)), 1) + "\n")
	}
	return b.String()
}

func TestOpen(t *testing.T) {
	text := manyLines(500)
	whole := packed(t, text)
	half := whole[:len(whole)/2]
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-6]++
	tests := []struct {
		name string
		file []byte
		want string // "" for a beginning of text
		err  error
	}{
		{"plain", []byte(text), text, nil},
		{"plain, of one byte", []byte("x"), "x", nil},
		{"empty", nil, "", nil},
		{"compressed", whole, text, nil},
		{"compressed in two parts", append(packed(t, text[:1000]), packed(t, text[1000:])...), text, nil},
		{"cut off in the middle", half, "", ErrDamaged},
		{"cut off in the header", whole[:5], "", ErrDamaged},
		{"cut off before the checksum", whole[:len(whole)-4], text, ErrDamaged},
		{"another checksum", flipped, text, ErrDamaged},
		{"zeros behind the end", append(bytes.Clone(whole), make([]byte, 512)...), text, ErrDamaged},
		{"only begins like it", []byte("\x1f\x8b and then text"), "", ErrDamaged},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "name-says-nothing")
			if err := os.WriteFile(path, test.file, 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			got, err := io.ReadAll(file)
			if !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			if test.want != "" && string(got) != test.want || !strings.HasPrefix(text+"x", string(got)) && len(got) > 1 {
				t.Errorf("got %d bytes that are not those written", len(got))
			}
			if n, again := file.Read(make([]byte, 10)); n != 0 || !errors.Is(again, err) && again != io.EOF {
				t.Errorf("read behind the end: %d bytes, %v", n, again)
			}
		})
	}
}

// What can be read of a trace that is cut off is used, and said.
func TestReadCutOff(t *testing.T) {
	text := manyLines(2000)
	whole := packed(t, text)
	tests := []struct {
		name string
		file []byte
		min  int
		want string
	}{
		{"compressed", whole[:len(whole)/2], 100, ": the trace ends here: compressed data ends too early or is damaged: unexpected EOF"},
		{"plain", []byte(text[:len(text)-10]), 1999, "line 2000: skipped: the trace ends in the middle of this line"},
		{"plain, between two lines", []byte(text[:len(text)-len(checkLine)-1]), 1999, ""},
		{"plain, no line end", []byte(text[:len(text)-1]), 2000, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file, err := TextSource("", test.file).Open()
			if err != nil {
				t.Fatal(err)
			}
			records, _, warnings, err := readAll(file)
			if err != nil || len(records) < test.min {
				t.Errorf("got %d records and %v, want %d at least", len(records), err, test.min)
			}
			last := ""
			for _, w := range warnings {
				if w.Kind == CutOff {
					last = w.String()
				}
			}
			if !strings.HasSuffix(last, test.want) || test.want == "" && last != "" {
				t.Errorf("warning %q, want %q", last, test.want)
			}
		})
	}
}

func TestOpenErrors(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := FileSource(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	gone := errors.New("disk on fire")
	if _, err := unpack(io.NopCloser(brokenFile{gone})); !errors.Is(err, gone) {
		t.Errorf("a file that cannot be read: %v", err)
	}
	whole := packed(t, manyLines(2000))
	file, err := unpack(io.NopCloser(io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), brokenFile{gone})))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(file); !errors.Is(err, gone) || errors.Is(err, ErrDamaged) {
		t.Errorf("a compressed file that cannot be read: %v", err)
	}
	if _, _, err := Spool("-", brokenFile{gone}); !errors.Is(err, gone) {
		t.Errorf("a pipe that cannot be read: %v", err)
	}
}

func TestSpool(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	text := manyLines(100)
	for name, data := range map[string]string{"plain": text, "compressed": string(packed(t, text))} {
		source, remove, err := Spool("-", io.MultiReader(strings.NewReader(data[:50]), strings.NewReader(data[50:])))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			file, err := source.Open()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(file)
			if diff := cmp.Diff(text, string(got)); diff != "" || err != nil || source.Size != int64(len(data)) {
				t.Errorf("%s: error %v, size %d, text (-want +got):\n%s", name, err, source.Size, diff)
			}
		}
		if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
			t.Errorf("%s: %s is left", name, left[0].Name())
		}
		if err := remove(); err != nil {
			t.Error(err)
		}
	}
}

// FuzzOpen: whatever a file holds, reading it ends, gives the same again, and a
// compressed one that was cut off gives a beginning of what was written.
func FuzzOpen(f *testing.F) {
	whole := packed(f, manyLines(20))
	f.Add(whole, 40)
	f.Add(whole[:30], 12)
	f.Add([]byte(checkLine), 7)
	f.Add([]byte("\x1f\x8b"), 1)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		once, err := readSource(TextSource("", data))
		again, errAgain := readSource(TextSource("", data))
		if once != again || (err == nil) != (errAgain == nil) {
			t.Fatalf("the same bytes read %q, %v and %q, %v", once, err, again, errAgain)
		}
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Fatalf("error %v", err)
		}
		file := packed(t, string(data))
		beginning, err := readSource(TextSource("", file[:min(len(file), max(0, cut))]))
		if err != nil && !errors.Is(err, ErrDamaged) || !strings.HasPrefix(string(data), beginning) && cut >= 2 {
			t.Fatalf("cut off after %d of %d bytes: %q, %v", cut, len(file), beginning, err)
		}
	})
}

func readSource(s Source) (string, error) {
	file, err := s.Open()
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(file)
	return string(text), errors.Join(err, file.Close())
}
