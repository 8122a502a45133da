package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// socketPrefix begins the names of socket folders; the host's pid follows.
const socketPrefix = "headwatch-"

// maxSocketDir is the longest path of a socket folder, in bytes: the address of
// a unix socket holds 108, and go-plugin adds a folder and a file name of its
// own.
const maxSocketDir = 104 - 24 - 24

// Spec is one plugin block.
type Spec struct {
	// Block names the block, such as "action.restart"; Position is where it
	// stands.
	Block, Position string
	// Path is the plugin's binary.
	Path string
	// Env names the variables that the plugin sees beside the usual few.
	Env []string
	// MTLS says whether the connection is encrypted both ways.
	MTLS bool
	// SHA256 is what the binary must hash to, in hex; empty for any.
	SHA256 string
	// Timeout is the deadline of a call that has none of its own.
	Timeout time.Duration
	// Kind is what the plugin must serve; empty for anything.
	Kind sdk.Kind
	// ConfigJSON is the config block.
	ConfigJSON []byte
}

// Supervisor starts plugin processes.
type Supervisor struct {
	logger *slog.Logger
	dir    string
	forks  chan func()
}

// New makes the host's socket folder under dir (the system's folder for
// temporary files where it is empty) and removes those of hosts that are gone.
func New(dir string, logger *slog.Logger) (*Supervisor, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	sweep(dir)
	own, err := os.MkdirTemp(dir, socketPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the plugins' sockets: %w (set TMPDIR to a folder that can be written)", err)
	}
	if len(own) > maxSocketDir {
		os.Remove(own)
		return nil, fmt.Errorf("path %s is too long for sockets: %d bytes of %d (set TMPDIR to a shorter one)", own, len(own), maxSocketDir)
	}
	s := &Supervisor{logger: logger, dir: own, forks: make(chan func())}
	go s.forkLoop()
	return s, nil
}

// Close removes the socket folder. All plugins must have ended.
func (s *Supervisor) Close() error {
	close(s.forks)
	return os.RemoveAll(s.dir)
}

// sweep removes the socket folders of hosts that are gone. It is tidiness only:
// what cannot be read or removed stays.
func sweep(dir string) {
	folders, err := filepath.Glob(filepath.Join(dir, socketPrefix+"*-*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		digits, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), socketPrefix), "-")
		pid, err := strconv.Atoi(digits)
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || !ownFolder(folder) {
			continue
		}
		os.RemoveAll(folder)
	}
}

// ownFolder says whether a path is a folder of this user, not a link to one.
func ownFolder(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}

// Start runs a plugin once, without configuring it, for questions that need no
// configuration. stop ends it.
func (s *Supervisor) Start(ctx context.Context, spec Spec) (client *wire.Client, stop func(), err error) {
	p, err := s.launch(ctx, spec)
	if err != nil {
		return nil, nil, err
	}
	return p.client, p.stop, nil
}

// Lookup finds the binary of a plugin: a path, or a name in one of the folders.
func Lookup(plugin string, dirs []string) (string, error) {
	if strings.ContainsRune(plugin, '/') {
		return plugin, checkBinary(plugin)
	}
	for _, dir := range dirs {
		path := filepath.Join(dir, plugin)
		err := checkBinary(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return path, err
	}
	hint := ""
	if names := available(dirs); len(names) > 0 {
		hint = "; there are " + strings.Join(names, ", ")
	}
	return "", fmt.Errorf("plugin %q is not in %s%s", plugin, strings.Join(dirs, ", "), hint)
}

// available lists what the folders hold.
func available(dirs []string) []string {
	var names []string
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
	}
	return names
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
