package execaction

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// readSystemd reads what systemctl show prints about a unit: KEY=VALUE lines,
// all of them or those that are named here.
func readSystemd(text []byte) (sdk.State, error) {
	unit := map[string]string{}
	for line := range strings.SplitSeq(string(text), "\n") {
		if key, value, ok := strings.Cut(line, "="); ok {
			unit[key] = strings.TrimSpace(value)
		}
	}
	for _, key := range []string{"LoadState", "ActiveState", "ExecMainStartTimestamp"} {
		if _, ok := unit[key]; !ok {
			return sdk.State{}, fmt.Errorf("no %s, as systemctl show prints it: %.60q", key, text)
		}
	}
	if unit["LoadState"] == "not-found" {
		return sdk.State{}, nil
	}
	s := sdk.State{Exists: true, ID: unit["Id"], OOMKilled: unit["Result"] == "oom-kill"}
	var err, err2 error
	s.StartedAt, err = parseSystemdTime(unit["ExecMainStartTimestamp"])
	s.FinishedAt, err2 = parseSystemdTime(unit["ExecMainExitTimestamp"])
	if err := errors.Join(err, err2); err != nil {
		return sdk.State{}, err
	}
	if unit["LoadState"] == "masked" {
		s.Refuse = "the unit is masked"
	}
	if err := readActive(&s, unit); err != nil {
		return sdk.State{}, err
	}
	return s, nil
}

// readActive reads whether the unit's main process does its work.
func readActive(s *sdk.State, unit map[string]string) error {
	hasProcess := unit["MainPID"] != "0" && !s.StartedAt.IsZero()
	switch active, sub := unit["ActiveState"], unit["SubState"]; active {
	case "active", "reloading", "refreshing":
		s.Running = sub != "exited"
	case "activating":
		// A unit of Type=notify works before it says so; one that is between
		// two attempts does not.
		s.Running = (sub == "start" || sub == "start-post") && hasProcess
		s.Restarting = !s.Running
	case "deactivating":
		s.Running, s.Restarting = hasProcess, true
	case "inactive", "failed":
		s.ExitCode = exitCode(unit)
	case "maintenance":
		s.Refuse = "the unit is in maintenance"
	default:
		return fmt.Errorf("an ActiveState that is not known: %.40q", active)
	}
	return nil
}

// exitCode is that of the last run, as a shell would say it; nil where none has
// ended.
func exitCode(unit map[string]string) *int {
	status, err := strconv.Atoi(unit["ExecMainStatus"])
	if err != nil || unit["ExecMainExitTimestamp"] == "" {
		return nil
	}
	if code := unit["ExecMainCode"]; code == "2" || code == "3" { // killed, dumped core
		status += 128
	}
	return &status
}

// parseSystemdTime reads a stamp of systemctl: "@SECONDS" of --timestamp=unix,
// or with the names of days, in UTC. Any other zone cannot be told by its
// letters.
func parseSystemdTime(s string) (time.Time, error) {
	switch s {
	case "", "n/a", "0", "@0":
		return time.Time{}, nil
	}
	if seconds, ok := strings.CutPrefix(s, "@"); ok {
		return parseUnix(seconds)
	}
	at, err := time.Parse("Mon 2006-01-02 15:04:05 UTC", s)
	if err != nil {
		return time.Time{}, fmt.Errorf("a stamp that is not in UTC: %.60q (--timestamp=us+utc prints such)", s)
	}
	return at.UTC(), nil
}
