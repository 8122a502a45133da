package sdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/headwatch/headwatch/sdk"
)

// explorer asks a block explorer for its newest block.
type explorer struct {
	config struct {
		URL     string        `hw:"url,required" doc:"where the explorer answers"`
		Timeout time.Duration `hw:"timeout" default:"10s" doc:"how long an answer may take"`
	}
}

var _ sdk.HeadSource = (*explorer)(nil)

func (e *explorer) Config() any { return &e.config }

func (e *explorer) GetHead(ctx context.Context) (sdk.Head, error) {
	ctx, cancel := context.WithTimeout(ctx, e.config.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.config.URL, nil)
	if err != nil {
		return sdk.Head{}, sdk.Invalid(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return sdk.Head{}, fmt.Errorf("ask the explorer: %w", err)
	}
	defer response.Body.Close()
	var newest struct{ Height uint64 }
	if err := json.NewDecoder(response.Body).Decode(&newest); err != nil {
		return sdk.Head{}, fmt.Errorf("read the explorer's answer: %w", err)
	}
	return sdk.Head{Best: newest.Height, Endpoint: "https://" + request.Host}, nil
}

// A head source with a config. Its main function is this.
func Example_headSource() {
	sdk.ServeHeadSource(sdk.Info{Name: "explorer-head", Version: "1.0.0", Description: "asks a block explorer"}, &explorer{})
}
