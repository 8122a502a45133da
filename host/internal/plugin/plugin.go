package plugin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sync"
	"syscall"

	"github.com/headwatch/headwatch/host/internal/monitor"
	"github.com/headwatch/headwatch/host/internal/observe"
	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// Plugin is the plugin of one block, opened.
type Plugin struct {
	spec supervisor.Spec
	file fileID
	kept *supervisor.Plugin
	// config and target are its schema, configJSON is its config block.
	config, target sdk.Schema
	configJSON     []byte
	// described says that the schema was told.
	described, configured bool
	head                  *sharedHead
	// unknown counts what the plugin says as a parser and the host does not know.
	unknown *observe.Unknown

	// stop ends Run, and running waits for it.
	stop    context.CancelFunc
	running sync.WaitGroup
}

// Schemas are what its config and target blocks take; ok is false where it did not
// say it.
func (p *Plugin) Schemas() (config, target sdk.Schema, ok bool) {
	return p.config, p.target, p.described
}

// fileID tells a plugin's file from another one that took its place.
type fileID struct {
	device, inode uint64
	size, changed int64
}

// identify is the identity of a file; zero where it cannot be told.
func identify(path string) fileID {
	info, err := os.Stat(path)
	if err != nil {
		return fileID{}
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileID{}
	}
	return fileID{device: uint64(stat.Dev), inode: stat.Ino, size: info.Size(), changed: info.ModTime().UnixNano()}
}

// sameProcess says whether the plugin's process is the one that the spec asks
// for, up to its configuration.
func (p *Plugin) sameProcess(spec supervisor.Spec) bool {
	same := p.spec
	same.Position, same.ConfigJSON = spec.Position, spec.ConfigJSON
	return reflect.DeepEqual(same, spec) && spec.Attached == nil && p.file != fileID{} && p.file == identify(spec.Path)
}

// start keeps the plugin up until close is called.
func (p *Plugin) start() {
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.running.Go(func() { p.kept.Run(ctx) })
}

// close ends the plugin, after an act that is under way, and waits for it.
func (p *Plugin) close() {
	if p.stop != nil {
		p.stop()
	}
	p.running.Wait()
	p.kept.Close()
	p.head.wait()
}

// do makes a call with the block's deadline.
func (p *Plugin) do(ctx context.Context, call func(context.Context, *wire.Client) error) error {
	return downError(p.kept.Do(ctx, call))
}

// downError tells a monitor that the plugin itself is not there.
func downError(err error) error {
	if errors.Is(err, supervisor.ErrDown) {
		return fmt.Errorf("%w: %w", monitor.ErrPluginDown, err)
	}
	return err
}
