package execaction

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

// inspect runs the inspect command and reads what it says.
func (p *plugin) inspect(ctx context.Context, t Target) (sdk.State, error) {
	c, err := p.config.command("inspect", p.config.Inspect, t, nil)
	if err != nil {
		return sdk.State{}, err
	}
	if p.config.InspectFormat == formatSystemd {
		// Stamps in another zone could not be told.
		c.env = append(c.env, "TZ=UTC")
	}
	out, code, words, err := p.ask(ctx, c, p.config.InspectTimeout)
	if err != nil {
		return sdk.State{}, err
	}
	text := strings.TrimSpace(string(out))
	switch {
	case code != 0 && slices.Contains(p.config.AbsentOn, strconv.Itoa(code)):
		return sdk.State{Name: t.Name}, nil
	case code != 0:
		return sdk.State{}, reached(fmt.Errorf("%s%s", words, p.config.quote(text)))
	case text == "" && slices.Contains(p.config.AbsentOn, absentOnEmpty):
		return sdk.State{Name: t.Name}, nil
	}
	read := readJSON
	if p.config.InspectFormat == formatSystemd {
		read = readSystemd
	}
	state, err := read([]byte(text))
	if err != nil {
		return sdk.State{}, reached(fmt.Errorf("inspect answered %w", err))
	}
	if state, err = complete(state, t); err == nil && state.Running {
		p.observers.publish(t.key(), state.StartedAt)
	}
	return state, err
}

// ask runs a command that answers. words say how it ended.
func (p *plugin) ask(ctx context.Context, c command, limit time.Duration) (out []byte, code int, words string, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	began := time.Now()
	said, told := newAnswer(), &tail{}
	process, err := p.forks.start(ctx, c, streams{stdout: said, stderr: told})
	if err != nil {
		return nil, 0, "", err
	}
	select {
	case <-process.done:
	case <-ctx.Done():
	case <-said.over:
	}
	inTime := process.isDone()
	process.end(0)
	select {
	case <-said.over:
		return nil, 0, "", reached(fmt.Errorf("%s %w", c.what, errTooMuch))
	default:
	}
	if !inTime {
		return nil, 0, "", &lateError{what: c.what, after: time.Since(began), cause: ctx.Err()}
	}
	return said.text, process.code, c.what + " " + process.how() + p.config.quote(told.String()), nil
}

// lateError says that a command took too long and was killed.
type lateError struct {
	what  string
	after time.Duration
	cause error
}

func (e *lateError) Error() string {
	return fmt.Sprintf("%s took longer than %v and was killed", e.what, e.after.Round(time.Millisecond))
}

func (e *lateError) Unwrap() error { return e.cause }

// reached is an error of a command that did run: the mechanism was reached, and
// said something else than a state.
func reached(err error) error { return sdk.NewError(codes.Unknown, err, 0) }

// longestWord bounds a text of an answer that an operator reads.
const longestWord = 300

// word makes a text of an answer fit for one line of a log.
func word(text string) string {
	text = strings.TrimSpace(plain(text))
	return strings.ToValidUTF8(text[:min(len(text), longestWord)], "")
}

// complete judges a state as a whole, and fills in what it left out.
func complete(s sdk.State, t Target) (sdk.State, error) {
	if !s.Exists {
		return sdk.State{Name: t.Name}, nil
	}
	s.Name, s.ID = cmp.Or(word(s.Name), t.Name), cmp.Or(word(s.ID), t.key())
	s.Refuse = word(s.Refuse)
	for i, note := range s.Notes {
		s.Notes[i] = word(note)
	}
	if s.Running && s.StartedAt.IsZero() {
		return sdk.State{}, reached(errors.New("inspect answered a target that runs, and not since when (started_at)"))
	}
	return s, nil
}
