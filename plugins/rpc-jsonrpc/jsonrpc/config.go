package jsonrpc

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/endpoint"
)

// Config is the config block of a head source.
type Config struct {
	Preset string `hw:"preset" oneof:"ethereum ethereum-beacon cometbft bitcoin solana solana-height" doc:"a chain that the plugin knows how to ask"`

	// URL is the first endpoint, and Endpoints are those after it.
	URL       string            `hw:"url,sensitive" doc:"where to ask, https:// or http://"`
	User      string            `hw:"user,sensitive" doc:"basic authentication at url"`
	Password  string            `hw:"password,sensitive" doc:"basic authentication at url"`
	Headers   map[string]string `hw:"headers,sensitive" doc:"headers that go with each request to url"`
	Endpoints []Endpoint        `hw:"endpoint" doc:"a further endpoint, in the order of preference"`

	// The question, which a preset brings itself.
	Method    string `hw:"method" doc:"the JSON-RPC method to call"`
	Params    string `hw:"params" doc:"its parameters, a JSON list or object"`
	Request   string `hw:"request" doc:"what to ask for where it is not JSON-RPC, such as GET /status"`
	Body      string `hw:"body" doc:"the JSON that a request by POST carries"`
	Best      string `hw:"best" doc:"where the height stands in the answer"`
	Finalized string `hw:"finalized" doc:"where the finalized height stands"`
	Hash      string `hw:"hash" doc:"where the hash of the best block stands"`
	Time      string `hw:"time" doc:"where the time of the best block stands"`
	Syncing   string `hw:"syncing" doc:"where the endpoint says whether it is syncing itself"`
	Behind    string `hw:"behind" doc:"where the endpoint says how many blocks it is behind"`
	Highest   string `hw:"highest" doc:"where the endpoint says how high the network is"`
	Peers     string `hw:"peers" doc:"where the endpoint says how many peers it has, which only the watched node is asked"`
	Chain     string `hw:"chain" doc:"where the endpoint names its chain"`
	Also      []Also `hw:"also" doc:"a further question"`

	ChainID      string        `hw:"chain_id" doc:"what the endpoint must name its chain; one of another chain is not used"`
	AllowSyncing bool          `hw:"allow_syncing" default:"false" doc:"take the head of an endpoint that is syncing itself"`
	GenesisTime  string        `hw:"genesis_time" doc:"when slot 0 was, which with slot_duration dates a head that is a slot"`
	SlotDuration time.Duration `hw:"slot_duration" doc:"how long a slot lasts"`
	OldAfter     time.Duration `hw:"old_after" doc:"the age of a head at which another endpoint is asked; 0 for never"`
	Timeout      time.Duration `hw:"timeout" default:"10s" doc:"how long one request may take"`
}

// Endpoint is an endpoint block.
type Endpoint struct {
	URL      string            `hw:"url,required,sensitive" doc:"where to ask, https:// or http://"`
	User     string            `hw:"user,sensitive" doc:"basic authentication"`
	Password string            `hw:"password,sensitive" doc:"basic authentication"`
	Headers  map[string]string `hw:"headers,sensitive" doc:"headers that go with each request"`
}

// Also is an also block, a further question to the same endpoint.
type Also struct {
	Method    string `hw:"method" doc:"the JSON-RPC method to call"`
	Params    string `hw:"params" doc:"its parameters, a JSON list or object"`
	Request   string `hw:"request" doc:"what to ask for where it is not JSON-RPC"`
	Body      string `hw:"body" doc:"the JSON that a request by POST carries"`
	Finalized string `hw:"finalized" doc:"where the finalized height stands"`
	Hash      string `hw:"hash" doc:"where the hash of the best block stands"`
	Time      string `hw:"time" doc:"where the time of the best block stands"`
	Syncing   string `hw:"syncing" doc:"where the endpoint says whether it is syncing itself"`
	Behind    string `hw:"behind" doc:"where the endpoint says how many blocks it is behind"`
	Highest   string `hw:"highest" doc:"where the endpoint says how high the network is"`
	Peers     string `hw:"peers" doc:"where the endpoint says how many peers it has, which only the watched node is asked"`
	Chain     string `hw:"chain" doc:"where the endpoint names its chain"`
}

// Validate reports every mistake, at the attribute that holds it.
func (c *Config) Validate() error {
	errs := []error{c.validateEndpoints(), c.validatePreset()}
	full := c.expanded()
	if c.Preset == "" {
		_, err := full.questions()
		errs = append(errs, err)
	}
	if c.Timeout <= 0 {
		errs = append(errs, sdk.AttributeError(errors.New("must be above zero"), `such as "10s"`, "timeout"))
	}
	if _, err := full.genesis(); err != nil {
		errs = append(errs, err)
	}
	if c.ChainID != "" && c.Preset == "" && !full.asksChain() {
		errs = append(errs, sdk.AttributeError(errors.New("is compared with nothing"), "say with chain where the endpoint names its chain", "chain_id"))
	}
	return errors.Join(errs...)
}

// validatePreset reports a question of the operator's own beside a preset's.
func (c *Config) validatePreset() error {
	if c.Preset == "" {
		return nil
	}
	var errs []error
	for _, each := range []struct{ name, value string }{
		{"method", c.Method}, {"params", c.Params}, {"request", c.Request}, {"body", c.Body}, {"best", c.Best},
		{"finalized", c.Finalized}, {"hash", c.Hash}, {"time", c.Time}, {"syncing", c.Syncing},
		{"behind", c.Behind}, {"highest", c.Highest}, {"peers", c.Peers}, {"chain", c.Chain},
	} {
		if each.value != "" {
			errs = append(errs, ownQuestion(each.name))
		}
	}
	if len(c.Also) > 0 {
		errs = append(errs, ownQuestion("also"))
	}
	return errors.Join(errs...)
}

func ownQuestion(name string) error {
	return sdk.AttributeError(errors.New("cannot stand beside a preset, which asks a question of its own"),
		"take the lines of the preset from the plugin's README and change them", name)
}

// genesis is when slot 0 was; zero where that is not configured.
func (c *Config) genesis() (time.Time, error) {
	if c.SlotDuration > 0 && c.GenesisTime == "" && c.Preset == "" {
		return time.Time{}, sdk.AttributeError(errors.New("is of no use without genesis_time"), "", "slot_duration")
	}
	if c.GenesisTime == "" {
		return time.Time{}, nil
	}
	if c.SlotDuration <= 0 {
		return time.Time{}, sdk.AttributeError(errors.New("is of no use without slot_duration"), "", "genesis_time")
	}
	at, err := moment(c.GenesisTime, func([]byte) string { return strconv.Quote(c.GenesisTime) })
	if err != nil {
		return time.Time{}, sdk.AttributeError(errors.New("is no time"), `seconds since 1970, or such as "2020-12-01T12:00:23Z"`, "genesis_time")
	}
	return at, nil
}

// configured is an endpoint with where it is configured.
type configured struct {
	Endpoint
	at []string
}

func (c *Config) endpoints() []configured {
	var all []configured
	if c.URL != "" {
		all = append(all, configured{Endpoint: Endpoint{URL: c.URL, User: c.User, Password: c.Password, Headers: c.Headers}})
	}
	for i, e := range c.Endpoints {
		all = append(all, configured{Endpoint: e, at: []string{"endpoint", strconv.Itoa(i)}})
	}
	return all
}

func (c *Config) validateEndpoints() error {
	var errs []error
	if c.URL == "" && (c.User != "" || c.Password != "" || len(c.Headers) > 0) {
		errs = append(errs, sdk.AttributeError(errors.New("is not given, and user, password and headers go with it"), "write them into the endpoint block that they belong to", "url"))
	}
	all := c.endpoints()
	if len(all) == 0 {
		errs = append(errs, sdk.AttributeError(errors.New("no endpoint is given"), "set url, or write endpoint blocks for several", "url"))
	}
	seen := map[string]bool{}
	for _, e := range all {
		_, err := e.address()
		if err == nil && seen[e.URL] {
			err = sdk.AttributeError(errors.New("is given twice"), "", append(e.at, "url")...)
		}
		seen[e.URL] = true
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

var (
	tokenForm = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	fieldForm = regexp.MustCompile(`^[\x20-\x7e]*$`)
	// ownHeaders are those that the plugin or net/http sets.
	ownHeaders = []string{"Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Accept-Encoding", "Idempotency-Key"}
)

// address is the address of an endpoint with its credentials. Its errors
// repeat none of them.
func (e configured) address() (endpoint.Address, error) {
	attribute := func(problem, hint string, path ...string) error {
		return sdk.AttributeError(errors.New(problem), hint, append(e.at, path...)...)
	}
	a, err := endpoint.ParseAddress(e.URL, "https", "http")
	if err != nil {
		return a, attribute(err.Error(), "such as https://rpc.example.com or http://127.0.0.1:8545", "url")
	}
	var errs []error
	for name, value := range e.Headers {
		switch {
		case !tokenForm.MatchString(name):
			errs = append(errs, attribute("holds what is no name of an HTTP header", "such as x-api-key", "headers"))
		case isOwn(name):
			errs = append(errs, attribute(fmt.Sprintf("holds %s, which is not for you to set", name), "leave it out", "headers"))
		case !fieldForm.MatchString(value):
			errs = append(errs, attribute(fmt.Sprintf("holds a value for %s that cannot be sent", name), "look for a line break in it", "headers"))
		default:
			a = a.WithHeader(name, value)
		}
	}
	switch hasUser := e.User != "" || e.Password != ""; {
	case !hasUser:
	case a.URL().User != nil:
		errs = append(errs, attribute("stands beside a user in the URL", "give one of the two", "user"))
	case strings.Contains(e.User, ":"):
		errs = append(errs, attribute("holds a colon, which basic authentication cannot carry", "", "user"))
	default:
		a = a.WithUser(e.User, e.Password)
	}
	return a, errors.Join(errs...)
}

func isOwn(name string) bool {
	for _, own := range ownHeaders {
		if strings.EqualFold(own, name) {
			return true
		}
	}
	return false
}
