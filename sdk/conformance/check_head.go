package conformance

import (
	"context"
	"fmt"
	"net/url"
	"time"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// getHead asks for the head. Where the back-end of an example is not there, it
// is not asked again.
func (r *run) getHead(ctx context.Context, e example) (*pluginv1.GetHeadResponse, error) {
	if why, ok := r.away[e.index]; ok {
		return nil, why
	}
	instance, err := r.configured(ctx, e)
	if err != nil {
		return nil, err
	}
	head, err := ask(ctx, backLimit, func(ctx context.Context) (*pluginv1.GetHeadResponse, error) {
		return instance.head.GetHead(ctx, &pluginv1.GetHeadRequest{})
	})
	if err != nil {
		err = back(instance, "GetHead", err)
		if isSkip(err) {
			r.away[e.index] = absent("see the check %s", r.current)
		}
		return nil, err
	}
	return head, nil
}

// checkHead judges a head by itself.
func (r *run) checkHead(ctx context.Context) error {
	return r.each(func(e example) error {
		head, err := r.getHead(ctx, e)
		if err != nil {
			return err
		}
		r.note = fmt.Sprintf("block %d", head.GetBest())
		return judgeHead(head, time.Now())
	})
}

func judgeHead(head *pluginv1.GetHeadResponse, now time.Time) error {
	switch made := head.GetBlockTime(); {
	case head.GetBest() == 0:
		return wrong("a head that is not known is an error, such as UNAVAILABLE: never a number", "GetHead answers with block 0")
	case head.GetFinalized() > head.GetBest():
		return wrong("best is the highest block of all", "GetHead gives finalized %d above best %d", head.GetFinalized(), head.GetBest())
	case made != nil && !made.IsValid():
		return wrong("leave block_time out where it is not known", "GetHead gives a block_time that is no time")
	case made != nil && made.AsTime().Year() < 2020:
		return wrong("leave block_time out where the chain does not say it; it is a time, not a number of seconds since another moment", "GetHead gives the block_time %s", made.AsTime().Format(time.RFC3339))
	case made != nil && made.AsTime().After(now.Add(time.Minute)):
		return wrong("leave block_time out where the chain does not say it; look at its unit", "GetHead gives the block_time %s, which lies ahead", made.AsTime().Format(time.RFC3339))
	}
	return nil
}

// checkHeadEndpoint demands that a head names its endpoint without a key.
func (r *run) checkHeadEndpoint(ctx context.Context) error {
	return r.each(func(e example) error {
		head, err := r.getHead(ctx, e)
		if err != nil {
			return err
		}
		text := head.GetEndpoint()
		if text == "" {
			return nil
		}
		u, err := url.Parse(text)
		if err != nil || u.Scheme == "" || u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
			return wrong("scheme and host only, such as https://rpc.example.org: a path, a query or user info may hold a key", "GetHead gives an endpoint that is more, or less, than scheme and host")
		}
		return nil
	})
}
