package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Folder says whether a folder can be written, or made where it is missing. A file
// that it writes for that is gone again.
func Folder(what, dir string) []Finding {
	var found findings
	mend := fmt.Sprintf("Make it writable for user %d, or name another folder; in a container, a volume.", os.Getuid())
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		parent := existing(dir)
		if err := unix.Access(parent, unix.W_OK|unix.X_OK); err != nil {
			found.add(Error, mend, "%s %s does not exist, and cannot be made in %s: %v", what, dir, parent, err)
			break
		}
		found.add(OK, "", "%s %s does not exist yet, and can be made", what, dir)
	case err != nil:
		found.add(Error, mend, "%s %s: %v", what, dir, err)
	case !info.IsDir():
		found.add(Error, mend, "%s %s is no folder", what, dir)
	default:
		if err := tryWriting(dir); err != nil {
			found.add(Error, mend, "%s %s cannot be written: %v", what, dir, err)
			break
		}
		found.add(OK, "", "%s %s can be written", what, dir)
	}
	return found
}

// existing is the nearest folder above that exists.
func existing(dir string) string {
	for {
		dir = filepath.Dir(dir)
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
	}
}

func tryWriting(dir string) error {
	file, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	_, err = file.WriteString("headwatch doctor\n")
	return errors.Join(err, file.Close(), os.Remove(file.Name()))
}
