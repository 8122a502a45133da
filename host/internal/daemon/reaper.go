package daemon

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// reapEvery is how often a host that is process 1 looks for orphans that ended.
const reapEvery = 10 * time.Second

// reaper takes the ends of processes that are nobody's: the children of plugins
// and of commands, which the kernel gives to process 1 when their parents end.
// A process of headwatch's own is waited for at once by who started it, so that
// one which is there as a zombie at two looks in a row is none of them.
type reaper struct {
	parent  int
	zombies map[int]bool
}

// reapOrphans reaps until ctx is done, where this process is process 1.
func reapOrphans(ctx context.Context) {
	if os.Getpid() != 1 {
		return
	}
	r := &reaper{parent: 1}
	tick := time.NewTicker(reapEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.reap()
		}
	}
}

// reap takes the ends of those that were zombies at the look before too, and says
// how many they were.
func (r *reaper) reap() (reaped int) {
	now := map[int]bool{}
	for _, pid := range zombiesOf(r.parent) {
		if !r.zombies[pid] {
			now[pid] = true
			continue
		}
		if got, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); err == nil && got == pid {
			reaped++
		}
	}
	r.zombies = now
	return reaped
}

// zombiesOf are the children of a process that have ended and were not waited for.
func zombiesOf(parent int) []int {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	if err != nil {
		return nil
	}
	var pids []int
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread is gone
		}
		for _, word := range strings.Fields(string(text)) {
			pid, err := strconv.Atoi(word)
			if err != nil {
				continue
			}
			if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)); err == nil && bytes.Contains(status, []byte("State:\tZ")) {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
