package supervisor

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/headwatch/headwatch/sdk/wire"
)

// startHost starts a host of its own with one plugin, and returns both ids.
func startHost(t *testing.T, sockets, role string) (host *exec.Cmd, plugin int) {
	t.Helper()
	dir := plugins(t)
	host = exec.Command(filepath.Join(dir, "host"), sockets, filepath.Join(dir, role))
	host.Stderr = os.Stderr
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = host.Process.Kill()
		_ = host.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	plugin, err = strconv.Atoi(strings.TrimSpace(line))
	if err != nil || plugin == 0 {
		t.Fatalf("the host says %q", line)
	}
	return host, plugin
}

func TestKilledHostLeavesNoProcess(t *testing.T) {
	for name, role := range map[string]string{"with a lifeline": "action", "by the kernel alone": "deaf"} {
		t.Run(name, func(t *testing.T) {
			host, plugin := startHost(t, sockets(t), role)
			if err := host.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			awaitGone(t, plugin)
		})
	}
}

func TestPluginEndsWithItsLifeline(t *testing.T) {
	held, lifeline, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	plugin := exec.CommandContext(ctx, filepath.Join(plugins(t), "action"))
	handshake := wire.Handshake()
	plugin.Env = []string{handshake.MagicCookieKey + "=" + handshake.MagicCookieValue, wire.LifelineVariable + "=1",
		"PLUGIN_PROTOCOL_VERSIONS=1", "PLUGIN_UNIX_SOCKET_DIR=" + sockets(t)}
	plugin.ExtraFiles = []*os.File{held}
	out, err := plugin.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := plugin.Start(); err != nil {
		t.Fatal(err)
	}
	held.Close()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "1|1|unix|") {
		t.Fatalf("got %q, %v", line, err)
	}
	lifeline.Close()
	if err := plugin.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestNextHostSweepsUp(t *testing.T) {
	dir := sockets(t)
	host, _ := startHost(t, dir, "action")
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait()
	left, err := filepath.Glob(filepath.Join(dir, "headwatch-*"))
	if err != nil || len(left) != 1 {
		t.Fatalf("got %v, %v", left, err)
	}
	next, err := New(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left[0]); !os.IsNotExist(err) {
		t.Errorf("the folder of the host that was killed is still there: %v", err)
	}
	if err := next.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestPluginLeavesSignalsToTheHost(t *testing.T) {
	p, _ := keep(t, newSupervisor(t, slog.New(slog.DiscardHandler)), spec(plugins(t), "action"))
	pid := upPid(t, p)
	if group, err := syscall.Getpgid(pid); err != nil || group != pid {
		t.Errorf("the plugin is in group %d, %v", group, err)
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if err := syscall.Kill(pid, signal); err != nil {
			t.Errorf("send %v: %v", signal, err)
		}
	}
	if after := pidOf(p); after != pid {
		t.Errorf("process %d became %d", pid, after)
	}
}
