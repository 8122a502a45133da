package execaction

import (
	"context"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// resume finds out what became of a request of which the host, or this plugin,
// lost sight. It begins nothing: a command that still runs is waited for, one
// that is gone has done what it did.
//
//	never noted              not done
//	another run              done, or failed where that does not go on
//	the command still runs   unknown, while it may
//	it took too long         killed, and unknown
//	it is over               failed, once the target has had its time
func (a *act) resume(ctx context.Context) sdk.Result {
	noted, begun, err := a.plugin.claims.find(a.request.ID)
	switch {
	case a.before.Exists && a.request.TargetID != "" && a.before.ID != a.request.TargetID:
		return notDone("it is another target now")
	case err != nil:
		return sdk.Result{Outcome: sdk.Unknown, Detail: err.Error()}
	case !begun:
		return notDone("the act was never begun")
	case a.request.RunStartedAt.IsZero():
		return sdk.Result{Outcome: sdk.Unknown, Detail: "it is not known which run the act was about"}
	}
	a.words = "act was begun, and how it ended was not seen" + a.printed()
	now := a.before
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		switch {
		case err == nil && a.isNew(now) && now.Running:
			return sdk.Result{Outcome: sdk.Done, Detail: a.words, StartedAt: now.StartedAt}
		case time.Now().After(a.until()) && noted.runs():
			noted.kill()
			return a.leftOpen(now, err, false)
		case time.Now().After(a.until()):
			return a.leftOpen(now, err, true)
		case !sleep(ctx, pause):
			return sdk.Result{Outcome: sdk.Unknown, Detail: "the act may still be under way"}
		}
		now, err = a.plugin.inspect(ctx, a.target)
	}
}

// until is when the target must have come up, reckoned from when the host first
// asked.
func (a *act) until() time.Time {
	return a.request.AskedAt.Add(a.plugin.config.ActTimeout + a.plugin.config.SettleTimeout)
}
