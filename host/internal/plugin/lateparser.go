package plugin

import (
	"context"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/nodelog"
	"github.com/headwatch/headwatch/host/internal/trace"
)

// LateParser starts a parser when there are lines to parse: many recordings have
// none.
type LateParser struct {
	Host  config.Host
	Block *config.PluginBlock
	// Report says what was found at the start; its error ends the parsing.
	Report func(config.Diagnostics) error

	parsers *Parsers
	parser  trace.Parser
}

var _ trace.Parser = (*LateParser)(nil)

// Parse parses lines, with a parser that is started first where it was not yet.
func (p *LateParser) Parse(ctx context.Context, state []byte, lines []trace.Line) ([]byte, [][]nodelog.Event, error) {
	if p.parser == nil {
		if err := p.start(ctx); err != nil {
			return nil, nil, err
		}
	}
	return p.parser.Parse(ctx, state, lines)
}

func (p *LateParser) start(ctx context.Context) (err error) {
	if p.parsers, err = NewParsers(); err != nil {
		return err
	}
	parser, found := p.parsers.Parser(ctx, p.Host, p.Block)
	if err := p.Report(found); err != nil {
		return err
	}
	p.parser = parser
	return nil
}

// Close ends the parser. It is called when nobody parses any more.
func (p *LateParser) Close() {
	if p.parsers != nil {
		p.parsers.Close()
	}
}
