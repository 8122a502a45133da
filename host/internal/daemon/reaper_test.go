package daemon

import (
	"os"
	"os/exec"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// An orphan that ended is reaped; a child that somebody waits for is left to them.
func TestReaper(t *testing.T) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Skipf("this system gives no orphans to a process that asks for them: %v", err)
	}
	// The shell ends at once; what it started becomes a child of this process and
	// ends when its input does.
	in, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-c", "cat <&3 >/dev/null 2>&1 & echo $!")
	cmd.ExtraFiles = []*os.File{in}
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	in.Close()
	orphan := 0
	for _, digit := range text[:len(text)-1] {
		orphan = 10*orphan + int(digit-'0')
	}
	fd, err := unix.PidfdOpen(orphan, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	r := &reaper{parent: os.Getpid()}
	if n := r.reap() + r.reap(); n != 0 {
		t.Fatalf("%d processes were reaped while the orphan lives", n)
	}
	hold.Close()
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 30_000); err != nil || n != 1 {
		t.Fatalf("the orphan has not ended: %v", err)
	}
	if !slices.Contains(zombiesOf(os.Getpid()), orphan) {
		t.Fatalf("process %d is no zombie", orphan)
	}
	if n := r.reap(); n != 0 {
		t.Errorf("%d processes were reaped at the first look", n)
	}
	if n := r.reap(); n != 1 {
		t.Errorf("%d processes were reaped at the second look, want the orphan", n)
	}
	if slices.Contains(zombiesOf(os.Getpid()), orphan) {
		t.Error("the orphan is still there")
	}
}
