package main

import (
	"context"
	"sync"
	"time"

	"github.com/headwatch/headwatch/internal/chaintest"
)

// chain is a simulated chain that grows with the clock, so that a node without
// a network can follow it.
type chain struct {
	*chaintest.Chain
	start uint64
	epoch time.Time
	block time.Duration
	end   func()
}

func openChain(block time.Duration) (*chain, error) {
	const start = 105_000_000
	served, err := chaintest.New(chaintest.Options{Height: start, FinalityLag: 2})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var growth sync.WaitGroup
	c := &chain{Chain: served, start: start, epoch: time.Now().UTC(), block: block}
	c.end = func() {
		cancel()
		growth.Wait()
		served.Close()
	}
	growth.Go(func() { c.grow(ctx) })
	return c, nil
}

// rate is in blocks per second.
func (c *chain) rate() float64 { return float64(time.Second) / float64(c.block) }

func (c *chain) grow(ctx context.Context) {
	tick := time.NewTicker(c.block)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.SetHead(c.start + uint64(time.Since(c.epoch)/c.block))
		case <-ctx.Done():
			return
		}
	}
}
