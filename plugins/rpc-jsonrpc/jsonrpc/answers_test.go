package jsonrpc

import (
	"testing"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/endpointtest"
)

// Each file holds what endpoints of a chain have answered, and the head or the
// error that comes of it.
func TestAnswersOfChains(t *testing.T) {
	endpointtest.Files(t, "../testdata/answers/*.txtar", func(settings endpoint.Settings) sdk.HeadSource {
		s := newSource()
		s.Settings = settings
		return s
	})
}
