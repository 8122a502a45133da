package plugin

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Pick are the files of some names; a path may be one of no plugin folder.
func Pick(files, names []string) ([]string, error) {
	if len(names) == 0 {
		return files, nil
	}
	var picked []string
	for _, name := range names {
		if strings.ContainsRune(name, '/') {
			picked = append(picked, name)
			continue
		}
		at := slices.IndexFunc(files, func(file string) bool { return filepath.Base(file) == name })
		if at < 0 {
			return nil, fmt.Errorf("there is no plugin %q in the plugin folders; see headwatch plugins", name)
		}
		picked = append(picked, files[at])
	}
	return picked, nil
}

// Files lists the files of the plugin folders; a folder that is missing
// holds none.
func Files(dirs []string) ([]string, error) {
	var files []string
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list plugin folder: %w", err)
		}
		for _, entry := range entries {
			if !entry.IsDir() {
				files = append(files, filepath.Join(dir, entry.Name()))
			}
		}
	}
	return files, nil
}
