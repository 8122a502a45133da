package conformance

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/headwatch/headwatch/sdk/conformance/subject"
	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// eachHead judges the head of every example.
func (r *run) eachHead(ctx context.Context, judge func(*pluginv1.GetHeadResponse) error) error {
	return r.eachBacked(ctx, func(_ example, i *subject.Instance) error {
		head, err := ask(ctx, backLimit, i.Head.GetHead, &pluginv1.GetHeadRequest{})
		if err != nil {
			return failedOrAbsent(i, "GetHead", err)
		}
		return judge(head)
	})
}

// checkHead judges a head by itself.
func (r *run) checkHead(ctx context.Context) error {
	return r.eachHead(ctx, func(head *pluginv1.GetHeadResponse) error {
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
	case !isName(head.GetChain()):
		return wrong("the hash of block 0 or the chain's id, in one word; empty where it is not known", "GetHead gives a chain that is no name of one")
	}
	return nil
}

// isName says whether a text can name a chain: one word, and not a long one.
func isName(chain string) bool {
	const most = 200
	return len(chain) <= most && !strings.ContainsFunc(chain, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
}

// checkHeadEndpoint demands that a head names its endpoint without a key.
func (r *run) checkHeadEndpoint(ctx context.Context) error {
	return r.eachHead(ctx, func(head *pluginv1.GetHeadResponse) error {
		u, err := url.Parse(head.GetEndpoint())
		if head.GetEndpoint() == "" {
			return nil
		}
		if err != nil || u.Scheme == "" || u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
			return wrong("scheme and host only, such as https://rpc.example.org: a path, a query or user info may hold a key", "GetHead gives an endpoint that is more, or less, than scheme and host")
		}
		return nil
	})
}
