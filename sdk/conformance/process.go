package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/headwatch/headwatch/sdk/wire"
)

// process is one process of a plugin. It implements go-plugin's runner.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr *output
	// lifeline is the end of the pipe that the plugin watches.
	lifeline *os.File
	// encrypted says that the connection is.
	encrypted bool
	mtls      bool
	sockets   string

	exited chan struct{}
	result error // of the process, once exited is closed

	mu     sync.Mutex
	begun  bool
	killed bool
}

var _ runner.Runner = (*process)(nil)

// newProcess is a process that has yet to start, of a program with this
// environment.
func newProcess(path string, env []string) *process {
	p := &process{cmd: exec.Command(path), exited: make(chan struct{})}
	p.cmd.Env = env
	return p
}

// Start starts it as the host does: in a group of its own, with the read end of
// a pipe as file descriptor 3, and without an input.
func (p *process) Start(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return errors.New("killed before its start")
	}
	outRead, outWrite, err := os.Pipe()
	errRead, errWrite, err2 := os.Pipe()
	held, lifeline, err3 := os.Pipe()
	if err := errors.Join(err, err2, err3); err != nil {
		closeAll(outRead, outWrite, errRead, errWrite, held, lifeline)
		return err
	}
	defer closeAll(outWrite, errWrite, held)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = nil, outWrite, errWrite
	p.cmd.ExtraFiles = []*os.File{held}
	p.cmd.Env = append(p.cmd.Env, wire.LifelineVariable+"=1")
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		closeAll(outRead, errRead, lifeline)
		return err
	}
	p.stdout, p.stderr, p.lifeline, p.begun = newOutput(outRead), newOutput(errRead), lifeline, true
	go p.wait()
	return nil
}

// wait reaps the process.
func (p *process) wait() {
	state, err := p.cmd.Process.Wait()
	if err == nil {
		err = errors.New(state.String())
	}
	p.result = err
	p.stdout.finish()
	p.stderr.finish()
	close(p.exited)
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			f.Close()
		}
	}
}

// started says whether there ever was a process.
func (p *process) started() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.begun
}

// await waits for the end, at most so long, and says whether it has come.
func (p *process) await(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.exited:
		return true
	case <-timer.C:
		return false
	}
}

// how says how a process ended, with its last words, once it has.
func (p *process) how() (string, bool) {
	select {
	case <-p.exited:
	default:
		return "", false
	}
	<-p.stderr.ended
	return p.result.Error() + p.lastWords(), true
}

// lastWords are the last lines of the log, but of a panic the first: they say
// what it was.
func (p *process) lastWords() string {
	const enough = 4
	lines, rest := p.stderr.lines()
	if rest != "" {
		lines = append(lines, rest)
	}
	for n, line := range lines {
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			lines = lines[n:min(n+enough, len(lines))]
			break
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "; its last words: " + shortened(strings.Join(lines[max(0, len(lines)-enough):], " | "))
}

// connection names the connection in a report.
func (p *process) connection() string {
	if p.encrypted {
		return "mtls"
	}
	return "plain"
}

// signal sends a signal to the process and all that it started in its group.
func (p *process) signal(s syscall.Signal) error { return syscall.Kill(-p.cmd.Process.Pid, s) }

// end ends what is left of the process and of its group, at once. One that has
// not started never will.
func (p *process) end() {
	p.mu.Lock()
	begun := p.begun
	p.killed = true
	p.mu.Unlock()
	if !begun {
		return
	}
	// Of a group that is gone nothing needs to be ended.
	_ = p.signal(syscall.SIGKILL)
	<-p.exited
	p.lifeline.Close()
	<-p.stdout.ended
	<-p.stderr.ended
}

// Wait returns when the process has ended and its output is read.
func (p *process) Wait(context.Context) error {
	<-p.exited
	<-p.stdout.ended
	return p.result
}

// Kill ends the process.
func (p *process) Kill(context.Context) error {
	p.end()
	return nil
}

// Stdout is where go-plugin looks for the handshake.
func (p *process) Stdout() io.ReadCloser { return &firstLine{of: p.stdout} }

// Stderr is empty: the kit reads the log itself, for go-plugin's reading of it
// ends with a panic on some lines.
func (p *process) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

// Name is the path of the program.
func (p *process) Name() string { return p.cmd.Path }

// ID is the process's id; empty where it never started.
func (p *process) ID() string {
	if !p.started() {
		return ""
	}
	return strconv.Itoa(p.cmd.Process.Pid)
}

// Diagnose has nothing to add.
func (p *process) Diagnose(context.Context) string { return "" }

// PluginToHost judges the handshake before go-plugin trusts it: a certificate
// that nobody asked for would end this process.
func (p *process) PluginToHost(network, address string) (string, string, error) {
	return network, address, p.judgeHandshake()
}

// HostToPlugin is the reverse of PluginToHost.
func (p *process) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}

// errNoTLS says that a plugin does not speak TLS; most that are not written in
// Go do not.
var errNoTLS = errors.New("it does not speak TLS")

// handshakeForm is the line that a plugin shakes hands with.
const handshakeForm = "the first line on stdout must be 1|1|unix|PATH|grpc, and a certificate behind it where TLS was asked for"

// judgeHandshake judges the first line.
func (p *process) judgeHandshake() error {
	all, rest := p.stdout.lines()
	line := strings.TrimSpace(append(all, rest)[0])
	parts := strings.Split(line, "|")
	ours := strconv.Itoa(int(wire.Handshake().ProtocolVersion))
	switch {
	case len(parts) < 4 || parts[0] != "1":
		return wrong(handshakeForm, "it wrote %s where a plugin shakes hands", excerpt([]byte(line)))
	case len(all) == 0:
		return wrong(handshakeForm, "its handshake does not end with a line end")
	case parts[1] != ours:
		return wrong("this host speaks version "+ours+"; docs/versions.md has the policy", "it speaks version %s of the plugin protocol", excerpt([]byte(parts[1])))
	case parts[2] != "unix":
		return wrong(handshakeForm, "it serves over %s, not over a unix socket", excerpt([]byte(parts[2])))
	case len(parts) < 5 || parts[4] != "grpc":
		return wrong(handshakeForm, "it does not say that it speaks gRPC")
	case !strings.HasPrefix(parts[3], p.sockets+"/"):
		return wrong("make the socket in the folder that PLUGIN_UNIX_SOCKET_DIR names: the host removes it when the plugin is gone", "its socket is %s", excerpt([]byte(parts[3])))
	}
	switch certificate := len(parts) > 5 && parts[5] != ""; {
	case p.mtls && !certificate:
		return errNoTLS
	case !p.mtls && certificate:
		return wrong("speak TLS only where PLUGIN_CLIENT_CERT is set", "it speaks TLS although it was not asked to")
	}
	return nil
}

// wordless says how a process ended that never shook hands.
func (p *process) wordless() string {
	if how, gone := p.how(); gone {
		return "it ended before it shook hands: " + how
	}
	return fmt.Sprintf("it closed its output before it shook hands%s", p.lastWords())
}
