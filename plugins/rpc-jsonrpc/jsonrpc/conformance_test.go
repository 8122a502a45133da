package jsonrpc

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/plugintest"
)

func TestConformance(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct{ ID json.RawMessage }
		if json.NewDecoder(r.Body).Decode(&call) == nil {
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":"0x64"}`, call.ID)
			return
		}
		fmt.Fprint(w, `{"height":100,"final":98}`)
	}))
	t.Cleanup(server.Close)
	info := info()
	info.Examples = append(info.Examples,
		sdk.Example{Name: "a chain", Config: `{"url":"` + server.URL + `/key","method":"height","best":"result"}`},
		sdk.Example{Name: "another", Config: `{"url":"` + server.URL + `","request":"GET /head","best":"height","finalized":"final"}`})
	plugintest.HeadSource(t, info, newSource)
}
