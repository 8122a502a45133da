package wire

import (
	"testing"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"

	"github.com/headwatch/headwatch/sdk"
)

func FuzzTarget(f *testing.F) {
	fuzzMessage(f, &pluginv1.WatchResponse{Item: &pluginv1.WatchResponse_Found{Found: &pluginv1.FoundTarget{Id: "i", Name: "n", TargetJson: []byte(`{}`), Command: []string{"c"}, Labels: map[string]string{"a": "b"}}}},
		func(t *testing.T, m *pluginv1.WatchResponse) {
			item, err := targetItemOf(m)
			if err == nil && item == nil {
				t.Error("no item and no error")
			}
			if found, ok := item.(sdk.FoundTarget); ok && err == nil {
				shown(t, found.ID, found.Name, found.Image)
				for name, value := range found.Labels {
					shown(t, name, value)
				}
			}
		})
}
