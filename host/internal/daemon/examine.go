package daemon

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/doctor"
	"github.com/headwatch/headwatch/host/internal/privilege"
	"github.com/headwatch/headwatch/host/internal/redact"
	"github.com/headwatch/headwatch/host/internal/supervisor"
)

// Examine contacts everything of a configuration once, as the user that a host would
// be, and changes nothing.
func Examine(ctx context.Context, path string) (*doctor.Report, error) {
	report := &doctor.Report{}
	who, err := becomeHost()
	if err != nil {
		return nil, err
	}
	c, found := config.Load(path, os.LookupEnv)
	if c == nil {
		report.Add("configuration "+path, diagnosed(found)...)
		return report, nil
	}
	plugins, err := supervisor.New("", slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer plugins.Close()
	set, more := NewOpener(plugins).Open(ctx, c)
	defer set.Close()
	found = append(found, more...).Sorted()
	about := diagnosed(found)
	if !found.HasErrors() {
		about = append([]doctor.Finding{{Level: doctor.OK, What: fmt.Sprintf("it can be used: plugin blocks %d, monitors %d", len(c.Plugins), len(c.Monitors))}}, about...)
	}
	report.Add("configuration "+path, about...)
	report.Add("host", append(who, folders(c)...)...)
	if !found.HasErrors() {
		set.Start()
		findings := make([][]doctor.Finding, len(c.Monitors))
		var examined sync.WaitGroup
		for i, m := range c.Monitors {
			examined.Go(func() { findings[i] = doctor.Examine(ctx, watched(set, m)) })
		}
		examined.Wait()
		for i, m := range c.Monitors {
			report.Add("monitor "+m.Name, findings[i]...)
		}
	}
	report.Redact(redact.New(set.Secrets()...).Text)
	return report, nil
}

// becomeHost gives up root where a host would.
func becomeHost() ([]doctor.Finding, error) {
	id, err := privilege.Look(os.Getenv("DOCKER_HOST"))
	if err != nil {
		return []doctor.Finding{{Level: doctor.Warning, What: fmt.Sprintf("cannot look at the engine's socket: %v", err)}}, nil
	}
	plan, err := privilege.MakePlan(id, os.Getenv("MONITOR_UID"), os.Getenv("MONITOR_GID"))
	if err != nil {
		return nil, Usage{err}
	}
	if err := plan.Apply(); err != nil {
		return []doctor.Finding{{Level: doctor.Error, What: fmt.Sprintf("root cannot be dropped: %v", err),
			Mend: "Give the capabilities SETUID and SETGID, or run it with --user, or set MONITOR_UID=0 to stay root."}}, nil
	}
	var notes []doctor.Finding
	for _, note := range plan.Notes {
		notes = append(notes, doctor.Finding{Level: doctor.Note, What: note})
	}
	return notes, nil
}

// folders looks at what a host writes.
func folders(c *config.Config) []doctor.Finding {
	dir, err := StateDir(c.Host)
	if err != nil {
		return []doctor.Finding{{Level: doctor.Error, What: fmt.Sprintf("there is no state folder: %v", err), Mend: "Set HEADWATCH_STATE_DIR."}}
	}
	found := doctor.Folder("state folder", dir)
	if c.Record != nil {
		found = append(found, doctor.Folder("folder of recordings", c.Record.Dir)...)
	}
	return found
}

// diagnosed are the diagnostics of a configuration as findings.
func diagnosed(found config.Diagnostics) []doctor.Finding {
	var all []doctor.Finding
	for _, d := range found {
		level := doctor.Error
		if d.Severity == config.SeverityWarning {
			level = doctor.Warning
		}
		all = append(all, doctor.Finding{Level: level, What: fmt.Sprintf("%s: %s", d.Position, d.Summary), Mend: d.Hint})
	}
	return all
}
