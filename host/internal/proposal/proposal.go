package proposal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/headwatch/headwatch/sdk"
)

// Proposal is a configuration for the nodes that were found.
type Proposal struct {
	// Nodes are those that run, in the order of their names; the configuration has a
	// monitor for each.
	Nodes []Node
	// Stopped are nodes that do not run, Others the targets that are no node of a
	// known kind.
	Stopped []Node
	Others  []sdk.FoundTarget
	// Text is the configuration; empty without nodes. Todo is how many endpoints in
	// it are left to be named.
	Text string
	Todo int
}

// New proposes a configuration for the nodes among targets.
func New(targets []sdk.FoundTarget) *Proposal {
	p := &Proposal{}
	targets = slices.Clone(targets)
	slices.SortFunc(targets, func(a, b sdk.FoundTarget) int { return strings.Compare(a.Name, b.Name) })
	for _, t := range targets {
		switch n, ok := Recognise(t); {
		case !ok:
			p.Others = append(p.Others, t)
		case t.Running:
			p.Nodes = append(p.Nodes, n)
		default:
			p.Stopped = append(p.Stopped, n)
		}
	}
	if len(p.Nodes) > 0 {
		p.Text, p.Todo = text(p.Nodes)
	}
	return p
}

// WriteSummary says what was found.
func (p *Proposal) WriteSummary(w io.Writer) error {
	var b strings.Builder
	for _, n := range p.Nodes {
		fmt.Fprintf(&b, "  %s\n", n)
	}
	for _, n := range p.Stopped {
		fmt.Fprintf(&b, "  %s: does not run, left out\n", n)
	}
	for _, t := range p.Others {
		fmt.Fprintf(&b, "  %s (image %s): no node that headwatch knows, left out\n", t.Name, oneLine(t.Image))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Save writes the configuration into a file that there must not be yet.
func (p *Proposal) Save(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, p.Text)
	return errors.Join(err, file.Close())
}

// WriteNext says what was found and what comes next, for a configuration in a file.
func (p *Proposal) WriteNext(w io.Writer, path string) error {
	if err := p.WriteSummary(w); err != nil {
		return err
	}
	if p.Todo > 0 {
		fmt.Fprintf(w, "%d endpoint(s) are left for you to name: look for TODO in it\n", p.Todo)
	}
	_, err := fmt.Fprintf(w, "next: headwatch doctor --config %s\n", path)
	return err
}

func (n Node) String() string {
	network := "network " + n.Network
	if n.Network == "" {
		network = "network unknown"
	}
	return fmt.Sprintf("%s: %s, %s", n.Target.Name, n.Kind, network)
}
