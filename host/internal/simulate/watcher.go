package simulate

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/headwatch/headwatch/host/internal/config"
	"github.com/headwatch/headwatch/host/internal/rule"
)

// Rules are those of a configuration, for as many watchers as are wanted.
type Rules struct{ rule.Settings }

// Load reads the rules of the only monitor of a configuration.
func Load(path string, env map[string]string) (Rules, error) {
	c, found := config.Load(path, func(name string) (string, bool) { value, ok := env[name]; return value, ok })
	if found.HasErrors() {
		return Rules{}, found.Err()
	}
	if len(c.Monitors) != 1 {
		return Rules{}, errors.New(filepath.Base(path) + " has not one monitor")
	}
	return Rules{c.Monitors[0].Settings}, nil
}

// Watcher is a new engine with the rules, that asks the sources it is told of.
func (r Rules) Watcher(sources map[string]string) Watcher {
	return &engine{Engine: rule.New(r.Settings), sources: sources}
}

// engine is a watcher by rules. What it is not told of in sources it does not ask;
// a source has the name that the rules know it by.
type engine struct {
	*rule.Engine
	sources map[string]string
	guard   string
}

// Left says whether the newest check left the node to a person, after restarts that
// did not help.
func (e *engine) Left() bool { return e.guard == rule.GuardRecovery || e.guard == rule.GuardBudget }

func (e *engine) Observe(now time.Time, o rule.Observation) {
	switch told := o.(type) {
	case rule.Head:
		if told.Source = e.sources[told.Source]; told.Source != "" {
			e.Engine.Observe(now, told)
		}
	case rule.HeadError:
		if told.Source = e.sources[told.Source]; told.Source != "" {
			e.Engine.Observe(now, told)
		}
	default:
		e.Engine.Observe(now, o)
	}
}

func (e *engine) Check(now time.Time) bool {
	v := e.Engine.Check(now)
	e.guard = v.Guard
	return v.Kind == rule.Act
}

// Cooldown is a watcher as many write it: it restarts a node that is so many blocks
// behind what one endpoint says, and then waits for a time.
type Cooldown struct {
	LagAbove uint64
	Wait     time.Duration

	best, height uint64
	last         time.Time
}

// FixedCooldown is a watcher that restarts a node more than five minutes behind,
// and no more often than each half hour.
func FixedCooldown(c Chain) *Cooldown {
	return &Cooldown{LagAbove: uint64(max(10, 5*time.Minute/c.Block)), Wait: 30 * time.Minute}
}

// Observe takes what the first source says, and the newest block of the node.
func (c *Cooldown) Observe(_ time.Time, o rule.Observation) {
	switch o := o.(type) {
	case rule.Head:
		if o.Source == firstSource {
			c.best = o.Best
		}
	case rule.Log:
		for _, ev := range o.Events {
			if ev.Number > 0 {
				c.height = ev.Number
			}
		}
	}
}

// Check restarts by lag and time alone.
func (c *Cooldown) Check(now time.Time) bool {
	if c.height == 0 || c.best <= c.height+c.LagAbove || now.Sub(c.last) < c.Wait {
		return false
	}
	c.last = now
	return true
}
