package substraterpc

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
)

// Config is the config block of a head source.
type Config struct {
	// URL and URLs are the endpoints, URL first, in the order of preference.
	URL  string   `hw:"url,sensitive" doc:"where to ask: http, https, ws or wss"`
	URLs []string `hw:"urls,sensitive" doc:"endpoints in the order of preference, asked after url"`
	// Timeout is how long one request may take.
	Timeout time.Duration `hw:"timeout" default:"10s" doc:"how long one request may take"`
	// SlotDuration turns a slot into the time of a block; zero leaves the time
	// unknown.
	SlotDuration time.Duration `hw:"slot_duration" default:"1s" doc:"how long a slot lasts, which dates the head; 0 leaves it undated"`
	// Genesis is the hash of block 0 that an endpoint must have to be used.
	Genesis string `hw:"genesis" doc:"hash of block 0; an endpoint of another chain is not used"`
	// APIKey goes to the host of the first endpoint, in APIKeyHeader.
	APIKey       string `hw:"api_key,sensitive" doc:"key for the host of the first endpoint"`
	APIKeyHeader string `hw:"api_key_header" default:"apikey" doc:"the HTTP header that carries the key"`
}

var (
	hashForm  = regexp.MustCompile(`^0x[0-9a-fA-F]{64}$`)
	tokenForm = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	keyForm   = regexp.MustCompile(`^[\x20-\x7e]*$`)
)

// Validate reports every mistake, at the attribute that holds it.
func (c *Config) Validate() error {
	errs := []error{c.validateURLs()}
	if c.Timeout <= 0 {
		errs = append(errs, sdk.AttributeError(errors.New("must be above zero"), `such as "10s"`, "timeout"))
	}
	if c.SlotDuration < 0 {
		errs = append(errs, sdk.AttributeError(errors.New("must not be negative"), "use 0 for a chain without slots", "slot_duration"))
	}
	if c.Genesis != "" && !hashForm.MatchString(c.Genesis) {
		errs = append(errs, sdk.AttributeError(errors.New("is no block hash"), "0x and 64 hex digits, as chain_getBlockHash answers for block 0", "genesis"))
	}
	if c.APIKey != "" && !keyForm.MatchString(c.APIKey) {
		errs = append(errs, sdk.AttributeError(errors.New("cannot be sent in a header"), "look for a line break in it", "api_key"))
	}
	if c.APIKey != "" && !tokenForm.MatchString(c.APIKeyHeader) {
		errs = append(errs, sdk.AttributeError(errors.New("is no name of an HTTP header"), `such as "apikey"`, "api_key_header"))
	}
	return errors.Join(errs...)
}

func (c *Config) validateURLs() error {
	if c.URL == "" && len(c.URLs) == 0 {
		return sdk.AttributeError(errors.New("no endpoint is given"), "set url, or urls for several", "url")
	}
	var errs []error
	if c.URL != "" {
		_, err := parseAddress(c.URL)
		errs = append(errs, attribute(err, "url"))
	}
	for i, each := range c.URLs {
		_, err := parseAddress(each)
		if err == nil && (each == c.URL || slices.Contains(c.URLs[:i], each)) {
			err = errors.New("is given twice")
		}
		errs = append(errs, attribute(err, "urls", strconv.Itoa(i)))
	}
	return errors.Join(errs...)
}

// attribute places an error of an address; its hint is the same for all.
func attribute(err error, path ...string) error {
	if err == nil {
		return nil
	}
	return sdk.AttributeError(err, "such as https://aleph-zero.api.onfinality.io/public, or wss:// to subscribe", path...)
}

// parseAddress says what is wrong with an address without repeating it.
func parseAddress(text string) (endpoint.Address, error) {
	return endpoint.ParseAddress(text, "https", "wss", "http", "ws")
}

// isSocket tells whether an address is for a WebSocket.
func isSocket(a endpoint.Address) bool { return strings.HasPrefix(a.URL().Scheme, "ws") }

// pollAddress is the address to poll in place of one to subscribe at. Substrate nodes serve
// both at one place; OnFinality has a path for each.
func pollAddress(a endpoint.Address) endpoint.Address {
	u := a.URL()
	if !isSocket(a) {
		return a
	}
	path := u.Path
	if strings.HasSuffix(u.Hostname(), ".onfinality.io") {
		switch path {
		case "/public-ws":
			path = "/public"
		case "/ws":
			path = "/rpc"
		}
	}
	return a.To(strings.Replace(u.Scheme, "ws", "http", 1), path)
}

// addresses are the endpoints in the order of preference, the API key with
// those at the host of the first.
func (c *Config) addresses() ([]endpoint.Address, error) {
	texts := c.URLs
	if c.URL != "" {
		texts = append([]string{c.URL}, c.URLs...)
	}
	var all []endpoint.Address
	for _, text := range texts {
		a, err := parseAddress(text)
		if err != nil {
			return nil, fmt.Errorf("read the address of an endpoint: it %w", err)
		}
		if c.APIKey != "" && (len(all) == 0 || a.URL().Host == all[0].URL().Host) {
			a = a.WithHeader(c.APIKeyHeader, c.APIKey)
		}
		all = append(all, a)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("start: no endpoint is given")
	}
	return all, nil
}
