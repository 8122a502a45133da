package supervisor

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/headwatch/headwatch/sdk/launch"
)

// Attachments are plugins that run already, by their name or by the name of the
// block that is to use them. Such a plugin is used like one of the host's own,
// but for three things: it is not asked after its health, for a breakpoint
// answers nothing; it is never killed; and it is not started again.
type Attachments map[string]launch.Running

// ParseAttachments reads what plugins print when they are started with --debug:
// a JSON object.
func ParseAttachments(text string) (Attachments, error) {
	if text == "" {
		return nil, nil
	}
	var all Attachments
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("read plugins that run already: %w", err)
	}
	for name, a := range all {
		if !filepath.IsAbs(a.Address) {
			return nil, fmt.Errorf("address %q of %s is no path of a socket", a.Address, name)
		}
	}
	return all, nil
}

// For finds the plugin for a block: by the block's name, or else by that of the
// plugin, which is the last part of its path.
func (all Attachments) For(block, plugin string) *launch.Running {
	for _, name := range []string{block, filepath.Base(plugin)} {
		if a, ok := all[name]; ok {
			return &a
		}
	}
	return nil
}
