package execaction

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/headwatch/headwatch/sdk"
)

// program finds the program of a command in the PATH that the command itself
// gets, and refuses one that others may write.
func (c *command) program() (string, error) {
	name := c.argv[0]
	if filepath.IsAbs(name) {
		return name, checkTrust(name)
	}
	for folder := range strings.SplitSeq(c.variable(variablePath), ":") {
		path := filepath.Join(folder, name)
		info, err := os.Stat(path)
		if !filepath.IsAbs(folder) || err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			continue
		}
		return path, checkTrust(path)
	}
	return "", fmt.Errorf("find program %q in the PATH of the commands: there is none", name)
}

func (c *command) variable(name string) string {
	for _, variable := range c.env {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// checkTrust refuses a program that somebody besides root, its owner and this
// user could replace: it looks at the file and at every folder above it, by the
// path as it is written and by the one that symbolic links lead to.
func checkTrust(path string) error {
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("find program: %w", err)
	}
	for _, way := range []string{resolved, filepath.Dir(path)} {
		for {
			info, err := os.Stat(way)
			if err != nil {
				return fmt.Errorf("find program: %w", err)
			}
			if mayOthersWrite(info) {
				return sdk.Denied(fmt.Errorf("program %s is not run, for others may write %s", path, way))
			}
			if above := filepath.Dir(way); above != way {
				way = above
				continue
			}
			break
		}
	}
	return nil
}

// mayOthersWrite leaves out sticky folders, in which nobody may replace what is
// another's, and this user's own group, which many systems make for each user.
func mayOthersWrite(info fs.FileInfo) bool {
	mode := info.Mode()
	if info.IsDir() && mode&fs.ModeSticky != 0 {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return mode&0o002 != 0 || ok && mode&0o020 != 0 && stat.Gid != 0 && int(stat.Gid) != os.Getegid()
}
