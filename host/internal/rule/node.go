package rule

import (
	"github.com/headwatch/headwatch/host/internal/judge"
	"github.com/headwatch/headwatch/host/internal/witness"
)

// ignores says whether the settings have no use for an observation.
func (e *Engine) ignores(o Observation) bool {
	switch o.(type) {
	case Node, NodeError:
		return !e.settings.Node
	case Log, LogError, LogGap:
		return e.settings.NoLog
	}
	return false
}

// observeNode takes an answer of the node's endpoint. One of another chain than the
// operator's is none.
func (e *Engine) observeNode(n Node) {
	if right := e.chain(""); right != "" && n.Chain != "" && judge.ChainName(n.Chain) != right {
		e.state.Run.Node.Fail(e.state.Now, "it is on chain "+n.Chain)
		return
	}
	e.state.Run.Node.Take(e.state.Now, witness.Answer{Height: n.Best, Finalized: n.Finalized, Syncing: n.Syncing, Peers: n.Peers, Progress: n.Progress, Chain: n.Chain})
}

// chain is what the node's chain is called: by the operator, else by otherwise.
func (e *Engine) chain(otherwise string) string {
	if e.settings.Judge != nil && e.settings.Judge.Chain != "" {
		return e.settings.Judge.Chain
	}
	return judge.ChainName(otherwise)
}

// logSays is what the log of this run says of the node.
func (e *Engine) logSays() witness.Log {
	run, syncs := &e.state.Run, e.state.Run.Log.Of["major_sync"]
	log := witness.Log{Read: !e.settings.NoLog, RaisedAt: run.Log.RaisedAt}
	if e.state.Unreadable == "" {
		log.Height, log.Tells = run.Log.Synced()
		log.Syncs, log.SaysSyncs = syncs.Value.(bool)
		log.SaysSyncs = log.SaysSyncs && syncs.Doubt == ""
	}
	return log
}
