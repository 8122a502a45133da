package store

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// holdVariable makes this test binary hold the folder that it names.
const holdVariable = "HEADWATCH_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdVariable); dir != "" {
		os.Exit(hold(dir))
	}
	os.Exit(m.Run())
}

// hold is another host: it opens the folder, says so, and keeps it until its
// input ends.
func hold(dir string) int {
	s, err := openStore(dir)
	if err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		return 1
	}
	defer s.Close()
	os.Stdout.WriteString("open\n")
	bufio.NewReader(os.Stdin).ReadString('\n')
	return 0
}

func TestFolderOfAnotherHost(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	if _, err := openStore(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("a second Open: %v, want ErrLocked", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

// The lock is between processes, and goes with a process that is killed.
func TestFolderOfAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), holdVariable+"="+dir)
	input, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	output, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(output).ReadString('\n')
	if err != nil || said != "open\n" {
		t.Fatalf("the other process said %q, error %v", said, err)
	}
	if _, err := openStore(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("Open while another process has the folder: %v, want ErrLocked", err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	other.Wait()
	open(t, dir)
}

// What the host starts must not hold the folder after the host's end.
func TestChildrenDoNotHoldTheFolder(t *testing.T) {
	dir := t.TempDir()
	s, err := openStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Skipf("no program to start: %v", err)
	}
	defer child.Wait()
	defer child.Process.Kill()
	s.Close()
	open(t, dir)
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	base := t.TempDir()
	file := filepath.Join(base, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	held := filepath.Join(base, "held")
	if err := os.MkdirAll(filepath.Join(held, "lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, dir string }{
		{"a file in its place", file},
		{"below a file", filepath.Join(file, "state")},
		{"the lock is a folder", held},
		{"a system's folder", "/proc/headwatch"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if s, err := openStore(test.dir); err == nil {
				s.Close()
				t.Error("opened")
			}
		})
	}
}

// Another host, which is not root, finds the folder read-only: with a lock in it
// and without.
func TestFolderThatIsReadOnly(t *testing.T) {
	for _, lock := range []bool{false, true} {
		dir := public(t)
		if lock {
			open(t, dir).Close()
			if err := os.Chmod(filepath.Join(dir, "lock"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		said, err := unprivileged(t, dir).Output()
		if err == nil || !strings.Contains(string(said), "permission denied") {
			t.Errorf("with a lock: %t: the other host said %q, error %v; want that it is denied", lock, said, err)
		}
	}
}

// public returns a folder that every user may enter.
func public(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "headwatch-store")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// unprivileged is a process that holds dir and is not root.
func unprivileged(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	binary := filepath.Join(public(t), "host")
	text, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(binary, text, 0o755); err != nil {
		t.Fatal(err)
	}
	other := exec.Command(binary)
	other.Dir = "/"
	other.Env = append(os.Environ(), holdVariable+"="+dir)
	if os.Geteuid() == 0 {
		other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	return other
}

// A folder that became unwritable after the lock was made is found by the probe.
func TestProbeFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "probe"), 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second would say ErrLocked if the first kept the lock
		_, err := openStore(dir)
		if err == nil || errors.Is(err, ErrLocked) {
			t.Errorf("Open: %v, want that the folder cannot be written", err)
		}
	}
}
