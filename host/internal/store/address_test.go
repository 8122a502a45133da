package store

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAddress(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if got, err := LoadAddress(dir); got != "" || err != nil {
		t.Errorf("without a host got %q, %v", got, err)
	}
	s, err := openStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, address := range []string{"", "127.0.0.1:4711", "[::]:80", "", ""} {
		if err := s.SaveAddress(address); err != nil {
			t.Fatal(err)
		}
		if got, err := LoadAddress(dir); got != address || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, address)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, addressFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadAddress(dir); err == nil {
		t.Error("a note that cannot be read is no error")
	}
	if err := s.SaveAddress("x"); err == nil {
		t.Error("a note that cannot be written is no error")
	}
}
