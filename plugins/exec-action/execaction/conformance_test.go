package execaction

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/plugintest"
)

func TestConformance(t *testing.T) {
	s := newStand(t)
	var log strings.Builder
	for n := range 1200 {
		fmt.Fprintf(&log, "2025-01-01T00:00:02Z Imported #%d\n", n)
	}
	s.write("log", log.String())
	config, err := json.Marshal(map[string]any{
		"act":     []string{`echo "{\"running\": true, \"started_at\": $(date +%s.%N)}" >state.part && mv state.part state`},
		"inspect": []string{`[ "$HEADWATCH_TARGET" = node ] || exit 4; cat state`}, "absent_on": []string{"4"},
		"log_read": []string{"tail -n $HEADWATCH_TAIL log"}, "log_follow": []string{"exec tail -n +1 -f log"}, "log_format": "rfc3339",
		"shell": true, "dir": s.dir, "state_dir": s.dir + "/claims",
	})
	if err != nil {
		t.Fatal(err)
	}
	info := info()
	info.Examples = append(info.Examples,
		sdk.Example{Name: "a script", Config: string(config), Target: `{"name":"node"}`, Disposable: true},
		sdk.Example{Name: "no target", Config: string(config), Target: `{"name":"headwatch-example-absent"}`, Missing: true})
	plugintest.Action(t, info, newPlugin)
}
