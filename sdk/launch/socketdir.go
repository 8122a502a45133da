package launch

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// socketPrefix begins the names of socket folders; the host's pid follows.
const socketPrefix = "headwatch-"

// maxSocketDir is the longest path of a socket folder, in bytes: the address of
// a unix socket holds 104 or a few more, and go-plugin adds a folder and a file
// of its own, which take 38.
const maxSocketDir = 104 - 1 - 38

// SocketDir is the folder for the sockets of one host. A lock on the folder
// itself says that the host lives; its pid would not, for in a container every
// host has the same.
type SocketDir struct {
	// Path is the folder.
	Path string
	lock *os.File
}

// spareDirs are tried where the folder for temporary files cannot be written or
// has too long a name. A container with a read-only root still has /dev/shm.
func spareDirs() []string { return []string{"/tmp", "/dev/shm"} }

// NewSocketDir makes a folder under base that only this user may enter, and
// removes those that hosts have left behind there. Where base is empty it is
// the system's folder for temporary files, or another that works.
func NewSocketDir(base string) (*SocketDir, error) {
	if base != "" {
		return makeSocketDir(base)
	}
	dir, err := makeSocketDir(os.TempDir())
	for _, spare := range spareDirs() {
		if err == nil {
			break
		}
		if other, otherErr := makeSocketDir(spare); otherErr == nil {
			return other, nil
		}
	}
	return dir, err
}

func makeSocketDir(base string) (*SocketDir, error) {
	sweep(base)
	fresh, err := os.MkdirTemp(base, ".new-"+socketPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the plugins' sockets: %w (set TMPDIR to a folder that can be written)", err)
	}
	d := &SocketDir{Path: filepath.Join(base, strings.TrimPrefix(filepath.Base(fresh), ".new-"))}
	if len(d.Path) > maxSocketDir {
		os.Remove(fresh)
		return nil, fmt.Errorf("path %s is too long for sockets: %d bytes of %d (set TMPDIR to a shorter one)", d.Path, len(d.Path), maxSocketDir)
	}
	// Locked before it gets the name that a sweep looks for.
	if d.lock, err = lockDir(fresh); err == nil {
		err = os.Rename(fresh, d.Path)
	}
	if err != nil {
		os.Remove(fresh)
		return nil, fmt.Errorf("lock the folder for the plugins' sockets: %w", err)
	}
	return d, nil
}

// Remove removes the folder. Every process that it was given to must have ended.
func (d *SocketDir) Remove() error {
	defer d.lock.Close()
	return os.RemoveAll(d.Path)
}

// lockDir holds a folder until the file is closed or the process ends.
func lockDir(path string) (*os.File, error) {
	dir, err := os.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		dir.Close()
		return nil, err
	}
	return dir, nil
}

// sweep removes the socket folders of hosts that are gone. It is tidiness only:
// what cannot be read or removed stays.
func sweep(base string) {
	folders, err := filepath.Glob(filepath.Join(base, socketPrefix+"*-*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		if !ownFolder(folder) {
			continue
		}
		if lock, err := lockDir(folder); err == nil {
			os.RemoveAll(folder)
			lock.Close()
		}
	}
}

// ownFolder says whether a path is one of a host's folders, of this user, and
// not a link to one.
func ownFolder(path string) bool {
	digits, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), socketPrefix), "-")
	if _, err := strconv.Atoi(digits); err != nil {
		return false
	}
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
