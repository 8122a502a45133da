package docker

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"
)

// Event is one thing that happened to a container.
type Event struct {
	ID       string
	Name     string // of the container
	OldName  string // of a rename
	Action   string
	At       time.Time
	ExitCode *int   // of a die
	Signal   string // of a kill: a number
}

// EventQuery says which events to hear.
type EventQuery struct {
	Since time.Time // zero for those to come only
	Until time.Time // zero for no end
}

// heard are the events of containers that say something about their runs.
var heard = []string{"start", "die", "stop", "kill", "restart", "oom", "destroy", "rename", "update", "pause", "unpause"}

// Watch hears events until ctx is done or the stream ends, which is always an
// error: io.EOF where the engine ended it. opened is called when the engine has
// taken the request.
func (e *Engine) Watch(ctx context.Context, q EventQuery, opened func(), hear func(Event)) error {
	options := events.ListOptions{Filters: filters.NewArgs(filters.Arg("type", "container"))}
	for _, action := range heard {
		options.Filters.Add("event", action)
	}
	if !q.Since.IsZero() {
		options.Since = q.Since.UTC().Format(time.RFC3339Nano)
	}
	if !q.Until.IsZero() {
		options.Until = q.Until.UTC().Format(time.RFC3339Nano)
	}
	return e.do(ctx, "GET /events", func(ctx context.Context, api *client.Client) error {
		ctx, cancel := context.WithCancel(context.WithValue(ctx, openedKey{}, opened))
		defer cancel()
		messages, failed := api.Events(ctx, options)
		for {
			select {
			case message := <-messages:
				hear(fromMessage(message))
			case err := <-failed:
				return err
			}
		}
	})
}

func fromMessage(in events.Message) Event {
	attributes := in.Actor.Attributes
	out := Event{
		ID: in.Actor.ID, Name: attributes["name"], OldName: strings.TrimPrefix(attributes["oldName"], "/"),
		Action: string(in.Action), At: time.Unix(0, in.TimeNano).UTC(), Signal: attributes["signal"],
	}
	if code, err := strconv.Atoi(attributes["exitCode"]); err == nil {
		out.ExitCode = &code
	}
	return out
}
