package supervisor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"google.golang.org/grpc"

	"github.com/headwatch/headwatch/sdk/launch"
)

// launch starts a process, or attaches to one that runs already, and speaks with
// it once, to be sure that it is a plugin of the kind that the block needs. The
// error says what is wrong with it, with its last words.
func (s *Supervisor) launch(ctx context.Context, spec Spec) (*process, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.times.handshake, launch.ErrSilent)
	defer cancel()
	p, where := newProcess(s, spec), "start plugin "+spec.Path
	var err error
	if a := spec.Attached; a != nil {
		where = fmt.Sprintf("attach to plugin at %s (process %d)", a.Address, a.PID)
		p.Process, err = launch.Attach(*a, p.dialOptions())
	} else {
		if err := checkFile(spec); err != nil {
			return nil, err
		}
		p.Process, err = launch.Start(ctx, s.options(p))
	}
	if err == nil {
		if err = p.hello(ctx); err == nil {
			return p, nil
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		p.kill()
		p.stop()
	}
	p.log.flush()
	return nil, p.log.explain(fmt.Errorf("%s: %w", where, err))
}

// options are how the process of a block is started.
func (s *Supervisor) options(p *process) launch.Options {
	return launch.Options{
		Path: p.spec.Path, Env: slices.Concat(p.spec.Set, Environment(p.spec.Env)), MTLS: p.spec.MTLS,
		Sockets: s.sockets, Thread: s.thread, Log: p.log, Stdout: p.stdout, Stderr: p.stderr, Dial: p.dialOptions(),
	}
}

func (p *process) dialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithChainUnaryInterceptor(p.unary)}
}

// checkFile says why a plugin's file must not be run.
func checkFile(spec Spec) error {
	if err := checkBinary(spec.Path); err != nil {
		return err
	}
	if err := checkTrust(spec.Path); err != nil {
		return err
	}
	return checkSum(spec)
}

// checkSum compares the binary with what the block says.
func checkSum(spec Spec) error {
	if spec.SHA256 == "" {
		return nil
	}
	got, err := Checksum(spec.Path)
	if err != nil {
		return err
	}
	if !strings.EqualFold(got, spec.SHA256) {
		return fmt.Errorf("plugin %s has the sha256 %s, not the configured %s", spec.Path, got, spec.SHA256)
	}
	return nil
}

// Checksum is the SHA-256 of a plugin's binary, in hex.
func Checksum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read plugin: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("read plugin: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
