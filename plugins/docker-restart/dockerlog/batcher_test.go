package dockerlog

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog/logtest"
	"github.com/headwatch/headwatch/sdk"
)

func TestLinesAreGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeLog()
		batches := 0
		host := sendFunc(func(item sdk.LogItem) error {
			if _, ok := item.(sdk.Lines); ok {
				batches++
			}
			return nil
		})
		fl, err := NewFollower(f.find, f, sdk.ReadFrom{Tail: 100}, host)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- fl.Run(ctx) }()
		time.Sleep(10 * time.Second)
		for k := range 1000 {
			f.do(func() { f.log = append(f.log, fakeLine(k, fmt.Sprintf("%d\n", k))) })
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
		<-ended
		if batches < 80 || batches > 101 {
			t.Errorf("1000 lines of ten seconds came in %d batches, want about 100", batches)
		}
	})
}

// sendFunc is a host that is a function.
type sendFunc func(sdk.LogItem) error

func (f sendFunc) Send(item sdk.LogItem) error { return f(item) }

func TestHostGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeLog()
		f.log = []string{fakeLine(1, "one\n")}
		host := logtest.NewRecorder()
		host.Fail = errors.New("host is gone")
		fl, err := NewFollower(f.find, f, sdk.ReadFrom{Tail: 100}, host)
		if err != nil {
			t.Fatal(err)
		}
		if err := fl.Run(t.Context()); !errors.Is(err, host.Fail) {
			t.Errorf("ended with %v, want %v", err, host.Fail)
		}
	})
}
