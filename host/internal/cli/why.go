package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/explain"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/host/internal/hostclient"
	"github.com/headwatch/headwatch/host/internal/httpserver"
	"github.com/headwatch/headwatch/host/internal/moment"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// askDeadline bounds what a running host is asked; it explains in milliseconds.
const askDeadline = 15 * time.Second

// why is one question about a verdict.
type why struct {
	streams
	path, monitor string
	// url is where the host is asked; empty for where it is found.
	url string
	// at is the time of the check in history, last the verdict that is meant;
	// empty for the newest check.
	at, last string
	traces   []string
	asJSON   bool

	config *config.Config
	now    time.Time
}

func newWhy(s streams) *cobra.Command {
	w := &why{streams: s}
	c := &cobra.Command{
		Use:   "why --config FILE [MONITOR]",
		Short: "Explain a verdict, and what would change it",
		Long: `Explain the newest verdict of a monitor, also "nothing to do": what it rests on
and how old that is, what each rule saw, which guards stand, and what would have
to be otherwise for another verdict. MONITOR may be left out where there is one.

The running host is asked over its HTTP endpoint. Where none runs, the newest
check of the recording is explained. With --at the check at or before that time
is made anew from the recording, with the rules of the configuration, which is
only read: no endpoint and no engine is contacted. With --trace a time of day is
the last one before the trace's end.

` + moment.Help,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			w.monitor, w.now = strings.Join(args, ""), time.Now()
			return w.run(c.Context())
		},
	}
	configFlag(c, &w.path)
	c.Flags().StringVar(&w.at, "at", "", "explain the check at or before this time, from the recording")
	c.Flags().StringVar(&w.last, "last", "", "explain the newest check that came to ok, act, held or unknown")
	c.Flags().StringArrayVar(&w.traces, "trace", nil, "take this trace or folder instead of the recording (may be repeated)")
	c.Flags().StringVar(&w.url, "url", "", "ask the host at this address, host:port or a URL (default: it is looked up)")
	c.Flags().BoolVar(&w.asJSON, "json", false, "print the explanation as JSON")
	return c
}

func (w *why) run(ctx context.Context) error {
	if w.last != "" && !slices.Contains(rule.VerdictKinds(), rule.VerdictKind(w.last)) {
		return usageError{fmt.Errorf("no verdict is called %q: --last takes one of %v", w.last, rule.VerdictKinds())}
	}
	if w.url != "" && (w.at != "" || len(w.traces) > 0) {
		return usageError{errors.New("--url asks a running host, which keeps no history: leave it out, or --at and --trace")}
	}
	if w.url == "" {
		if err := w.load(); err != nil {
			return err
		}
	}
	a, err := w.answer(ctx)
	if err != nil {
		return err
	}
	if w.asJSON {
		encoder := json.NewEncoder(w.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(a)
	}
	now := w.now
	if w.at != "" || len(w.traces) > 0 {
		now = time.Time{}
	}
	return a.WriteText(w.out, now)
}

// load reads the configuration and finds the monitor in it.
func (w *why) load() error {
	c, found, err := load(w.path)
	if err != nil {
		return err
	}
	if found.HasErrors() {
		return report(w.streams, found)
	}
	w.config = c
	var names []string
	for _, m := range c.Monitors {
		names = append(names, m.Name)
	}
	w.monitor, err = oneOf(w.monitor, names, "the configuration")
	return err
}

// oneOf finds a monitor among those that there are; where there is one it need
// not be named.
func oneOf(name string, names []string, whose string) (string, error) {
	switch {
	case name == "" && len(names) == 1:
		return names[0], nil
	case name == "":
		return "", usageError{fmt.Errorf("say which monitor: %s has %s", whose, strings.Join(names, ", "))}
	case slices.Contains(names, name):
		return name, nil
	}
	hint := hcltext.DidYouMean(name, names)
	return "", usageError{fmt.Errorf("no monitor %q: %s has %s%s", name, whose, strings.Join(names, ", "), strings.TrimRight(". "+hint, ". "))}
}

// answer asks the running host, or looks into history.
func (w *why) answer(ctx context.Context) (*explain.Answer, error) {
	if w.at != "" || len(w.traces) > 0 {
		return w.fromHistory(ctx)
	}
	a, err := w.fromHost(ctx)
	if w.url != "" || !errors.Is(err, hostclient.ErrNoHost) && (!errors.Is(err, hostclient.ErrNoCheck) || w.recordDir() == "") {
		return a, err
	}
	return w.withoutHost(ctx, err)
}

// fromHost asks the running host.
func (w *why) fromHost(ctx context.Context) (*explain.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, askDeadline)
	defer cancel()
	address := w.url
	if address == "" {
		var err error
		if address, err = endpointAddress(&w.config.Host); err != nil {
			return nil, err
		}
	}
	if address == endpointOff {
		return nil, fmt.Errorf("%w: the configuration switches the HTTP endpoint off", hostclient.ErrNoHost)
	}
	base, err := hostclient.BaseURL(address)
	if err != nil {
		return nil, err
	}
	if w.config == nil {
		if err := w.findRemote(ctx, base); err != nil {
			return nil, err
		}
	}
	a := &explain.Answer{Source: explain.Source{From: explain.FromHost, Address: base}}
	page := base + "/api/v1/monitors/" + url.PathEscape(w.monitor) + "/verdict"
	if w.last != "" {
		page += "?verdict=" + url.QueryEscape(w.last)
	}
	return a, hostclient.GetJSON(ctx, page, &a.Explanation)
}

// findRemote finds the monitor among those of the host.
func (w *why) findRemote(ctx context.Context, base string) error {
	var list httpserver.MonitorList
	if err := hostclient.GetJSON(ctx, base+"/api/v1/monitors", &list); err != nil {
		return err
	}
	var names []string
	for _, m := range list.Monitors {
		names = append(names, m.Monitor)
	}
	var err error
	w.monitor, err = oneOf(w.monitor, names, "the running host")
	return err
}
