package supervisor

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// checkTrust says why a plugin must not be run: somebody besides root, its
// owner and the user of this host could have put something else in its place.
// It looks at the file and at every folder above it, by the path as it is
// written and by the one that symbolic links lead to.
func checkTrust(path string) error {
	written, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("look at plugin: %w", err)
	}
	resolved, err := filepath.EvalSymlinks(written)
	if err != nil {
		return fmt.Errorf("look at plugin: %w", err)
	}
	for _, way := range []string{resolved, filepath.Dir(written)} {
		if err := checkWay(path, way); err != nil {
			return err
		}
	}
	return nil
}

// checkWay looks at way and at every folder above it.
func checkWay(plugin, way string) error {
	for {
		info, err := os.Stat(way)
		if err != nil {
			return fmt.Errorf("look at plugin: %w", err)
		}
		if who := othersWho(info); who != "" {
			return fmt.Errorf("plugin %s is not run, for %s may be written by %s (chmod %s %s)", plugin, way, who, remedy(who), way)
		}
		above := filepath.Dir(way)
		if above == way {
			return nil
		}
		way = above
	}
}

const everybody = "everybody"

// othersWho says who may write a file or the entries of a folder beside root,
// its owner and this user; empty for nobody. This user's own group counts as the
// user: many systems give each user a group and make files writable for it. In
// a sticky folder such as /tmp nobody may replace what is another's.
func othersWho(info fs.FileInfo) string {
	mode := info.Mode()
	if info.IsDir() && mode&fs.ModeSticky != 0 {
		return ""
	}
	if mode&0o002 != 0 {
		return everybody
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if ok && mode&0o020 != 0 && stat.Gid != 0 && int(stat.Gid) != os.Getegid() {
		return fmt.Sprintf("group %d", stat.Gid)
	}
	return ""
}

func remedy(who string) string {
	if who == everybody {
		return "o-w"
	}
	return "g-w"
}
