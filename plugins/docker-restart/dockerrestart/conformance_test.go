package dockerrestart

import (
	"fmt"
	"testing"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/plugintest"
)

func TestConformance(t *testing.T) {
	engine := enginetest.Start(t, enginetest.Options{})
	node := engine.RunContainer(enginetest.Spec{Name: "node"})
	for n := range 1200 {
		if err := node.Emit(fmt.Sprintf("Imported #%d", n)); err != nil {
			t.Fatal(err)
		}
	}
	config := `{"docker_host":"` + engine.Host() + `"}`
	info := info()
	info.Examples = append(info.Examples,
		sdk.Example{Name: "a container", Config: config, Target: `{"container":"node"}`, Disposable: true},
		sdk.Example{Name: "no container", Config: config, Target: `{"container":"headwatch-example-absent"}`, Missing: true})
	plugintest.Action(t, info, newPlugin)
}
