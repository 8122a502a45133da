package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// addressFile says where the HTTP endpoint of the running host listens.
const addressFile = "http-address"

// SaveAddress notes where the host's HTTP endpoint listens, so that commands
// that ask it find it, whichever port it got; empty takes the note away.
func (s *Store) SaveAddress(address string) error {
	path := filepath.Join(s.dir, addressFile)
	if address == "" {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the endpoint's address: %w", err)
		}
		return nil
	}
	if err := s.write(path, []byte(address+"\n")); err != nil {
		return fmt.Errorf("note the endpoint's address: %w", err)
	}
	return nil
}

// LoadAddress reads the note of the host that uses the folder; empty where there
// is none. After a host that died it may name an endpoint that is gone.
func LoadAddress(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, addressFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the endpoint's address: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}
