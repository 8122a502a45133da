package supervisor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Lookup finds the binary of a plugin: a path, or a name in one of the folders,
// of which the first that has it counts. The error says where it was looked
// for, and what there is.
func Lookup(plugin string, dirs []string) (string, error) {
	if strings.ContainsRune(plugin, '/') {
		return plugin, checkBinary(plugin)
	}
	if len(dirs) == 0 {
		return "", fmt.Errorf("plugin %q has no folder to be looked up in", plugin)
	}
	for _, dir := range dirs {
		path := filepath.Join(dir, plugin)
		err := checkBinary(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return path, err
	}
	return "", fmt.Errorf("plugin %q is not in %s%s", plugin, strings.Join(dirs, ", "), offer(plugin, dirs))
}

// offer names the plugin that was probably meant, or else all there are.
func offer(plugin string, dirs []string) string {
	names := available(dirs)
	if len(names) == 0 {
		return ", where there is no plugin at all (plugin_dir or HEADWATCH_PLUGIN_DIR names the folders)"
	}
	best, nearest := 0.0, ""
	for _, name := range names {
		if near := levenshtein.Match(plugin, name, nil); near > best {
			best, nearest = near, name
		}
	}
	if best >= 0.6 {
		return fmt.Sprintf(". Did you mean %q?", nearest)
	}
	return "; there are " + strings.Join(names, ", ")
}

// available lists what of the folders can be run.
func available(dirs []string) []string {
	var names []string
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			if checkBinary(filepath.Join(dir, entry.Name())) == nil {
				names = append(names, entry.Name())
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// checkBinary says why a file cannot be run.
func checkBinary(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("plugin %s does not exist: %w", path, fs.ErrNotExist)
	case err != nil:
		return fmt.Errorf("look at plugin: %w", err)
	case info.IsDir():
		return fmt.Errorf("plugin %s is a folder", path)
	case info.Mode()&0o111 == 0:
		return fmt.Errorf("plugin %s is not executable (chmod +x it)", path)
	}
	return nil
}
