package substraterpc

import (
	"testing"

	"github.com/headwatch/headwatch/internal/chaintest"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/plugintest"
)

func TestConformance(t *testing.T) {
	chain, err := chaintest.New(chaintest.Options{Height: 100, FinalityLag: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(chain.Close)
	info := info()
	info.Examples = append(info.Examples,
		sdk.Example{Name: "a chain", Config: `{"url":"` + chain.URL() + `/key?apikey=0123"}`},
		sdk.Example{Name: "a subscription", Config: `{"url":"` + chain.WSURL() + `"}`})
	plugintest.HeadSource(t, info, newSource)
}
