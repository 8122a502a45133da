package nodesim

import (
	"fmt"
	"hash/fnv"
	"io"
	"time"
)

// printer writes lines in the form of aleph-node, as its image prints them or
// in the short form.
type printer struct {
	out    io.Writer
	simple bool
}

func (p *printer) line(level, thread, target, message string) {
	now := time.Now().UTC()
	if p.simple {
		fmt.Fprintf(p.out, "%s %s\n", now.Format(time.DateTime), message)
		return
	}
	fmt.Fprintf(p.out, "%s %5s %s %s: %s\n", now.Format("2006-01-02 15:04:05.000"), level, thread, target, message)
}

func (p *printer) info(target, format string, args ...any) {
	p.line("INFO", "tokio-runtime-worker", target, fmt.Sprintf(format, args...))
}

// banner is what a start prints.
func (p *printer) banner(height uint64) {
	for _, message := range []string{
		"Aleph Node", "✌️  version 15.2.0-simulated", "❤️  by headwatch, for its tests", "📋 Chain specification: Aleph Zero",
		"🏷  Node name: simnode", "👤 Role: FULL", "💾 Database: RocksDb at /data/chains/mainnet/db/full",
	} {
		p.line("INFO", "main", "sc_cli::runner", message)
	}
	p.line("INFO", "main", "sc_service::builder", fmt.Sprintf("📦 Highest known block at #%d", height))
	p.line("INFO", "main", "sc_rpc_server", `Running JSON-RPC server: addr=0.0.0.0:9944, allowed origins=["*"]`)
}

func (p *printer) imported(height uint64) {
	p.info("substrate", "✨ Imported #%d (%s)", height, hash(height))
}

// status is the line that comes also when nothing is imported.
func (p *printer) status(height uint64) {
	final := height - min(height, 2)
	p.info("aleph-block-sync", "Imported: #%d (%s), finalized: #%d (%s), favourite: #%d (%s).",
		height, hash(height), final, hash(final), height, hash(height))
	for _, protocol := range []string{"auth", "sync"} {
		p.info("aleph-network", "Network status report: /70255b4d28de0fc4e1a193d7e175ad1ccef431598211c55538f1018651a0344e/%s/0 connected peers - 12; ", protocol)
	}
}

// hash is a made-up hash in its short form.
func hash(height uint64) string {
	h := fnv.New32a()
	fmt.Fprint(h, height)
	sum := h.Sum32()
	return fmt.Sprintf("0x%04x…%04x", sum>>16, sum&0xffff)
}
