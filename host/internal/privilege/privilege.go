// Package privilege gives up root, for good, before the host starts anything.
// It never gains a right and never changes a file.
package privilege

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// DefaultSocket is where a Docker Engine listens unless DOCKER_HOST says
// otherwise.
const DefaultSocket = "/var/run/docker.sock"

// Plan is what a host that is root does about it.
type Plan struct {
	// Drop says that the ids below are to be taken.
	Drop bool
	UID  int
	GID  int
	// Groups are the supplementary groups.
	Groups []int
	// Notes are what the operator should know, one sentence each.
	Notes []string
}

// Identity is who the process is and what the socket it needs looks like.
type Identity struct {
	UID int
	// Socket is the path of the engine's socket; empty where there is none.
	Socket string
	// SocketUID, SocketGID and SocketMode are those of the socket's file.
	SocketUID, SocketGID int
	SocketMode           fs.FileMode
}

// MakePlan decides from MONITOR_UID and MONITOR_GID (empty for unset) who the
// host is to be. Only a host that is root drops, and only when MONITOR_UID is
// set and not 0. The socket's own group is added where it is another one.
func MakePlan(id Identity, monitorUID, monitorGID string) (Plan, error) {
	if id.UID != 0 || monitorUID == "" || monitorUID == "0" {
		return Plan{}, nil
	}
	uid, err := parseID("MONITOR_UID", monitorUID)
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Drop: true, UID: uid, GID: uid}
	if monitorGID != "" {
		if plan.GID, err = parseID("MONITOR_GID", monitorGID); err != nil {
			return Plan{}, err
		}
	} else if id.Socket != "" {
		plan.GID = id.SocketGID
	}
	if id.Socket == "" {
		return plan, nil
	}
	switch {
	case id.SocketMode&0o060 == 0 && id.SocketMode&0o006 != 0o006 && id.SocketUID != uid:
		plan.Notes = append(plan.Notes, fmt.Sprintf("only uid %d can open %s (%s): set MONITOR_UID=%d", id.SocketUID, id.Socket, id.SocketMode, id.SocketUID))
	case id.SocketGID != plan.GID && id.SocketMode&0o060 == 0o060:
		plan.Groups = []int{id.SocketGID}
		plan.Notes = append(plan.Notes, fmt.Sprintf("%s belongs to group %d, which is taken as a supplementary group", id.Socket, id.SocketGID))
	}
	return plan, nil
}

func parseID(name, value string) (int, error) {
	id, err := strconv.Atoi(value)
	if err != nil || id < 0 {
		return 0, fmt.Errorf("%s is %q; it must be a number", name, value)
	}
	return id, nil
}

// SocketPath is the file of the engine's socket; false where the engine is asked
// in another way. dockerHost is DOCKER_HOST, empty for unset.
func SocketPath(dockerHost string) (string, bool) {
	if dockerHost == "" {
		return DefaultSocket, true
	}
	return strings.CutPrefix(dockerHost, "unix://")
}

// Look finds out who this process is and which socket it needs. dockerHost is
// DOCKER_HOST, empty for unset.
func Look(dockerHost string) (Identity, error) {
	id := Identity{UID: os.Getuid()}
	path, isUnix := SocketPath(dockerHost)
	if !isUnix {
		return id, nil
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return id, nil
	}
	if err != nil {
		return id, fmt.Errorf("look at the engine's socket: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return id, nil
	}
	id.Socket, id.SocketUID, id.SocketGID, id.SocketMode = path, int(stat.Uid), int(stat.Gid), info.Mode().Perm()
	return id, nil
}

// Apply drops to the plan's ids on every thread and proves that there is no way
// back. An error means that the process must not go on.
func (p Plan) Apply() error {
	if !p.Drop {
		return nil
	}
	if err := syscall.Setgroups(p.Groups); err != nil {
		return fmt.Errorf("set supplementary groups %v: %w", p.Groups, err)
	}
	if err := syscall.Setgid(p.GID); err != nil {
		return fmt.Errorf("become group %d: %w", p.GID, err)
	}
	if err := syscall.Setuid(p.UID); err != nil {
		return fmt.Errorf("become user %d: %w", p.UID, err)
	}
	if syscall.Setuid(0) == nil || os.Getuid() == 0 || os.Geteuid() == 0 {
		return errors.New("still root after the drop")
	}
	return nil
}
