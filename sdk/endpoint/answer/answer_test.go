package answer_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

func quote(text []byte) string { return strconv.Quote(string(text)) }

// pauseOf is the pause that an error asks for, zero for none.
func pauseOf(err error) time.Duration {
	if pause := (*endpoint.PauseError)(nil); errors.As(err, &pause) {
		return pause.Pause
	}
	return 0
}

// The words are those of providers and gateways.
func TestFailure(t *testing.T) {
	tests := []struct {
		member string
		want   string
		pause  time.Duration
	}{
		{`{"code":-32603,"message":"Internal error: state pruned"}`, `answered with error -32603, "Internal error: state pruned"`, 0},
		{`{"code":-32601,"message":"Method not found"}`, `answered with error -32601, "Method not found"`, 0},
		{`{"code":-32000,"message":"header not found"}`, `answered with error -32000, "header not found"`, 0},
		{`{"code":-32007,"message":"Slot 17 was skipped"}`, `answered with error -32007, "Slot 17 was skipped"`, 0},
		{`{"message":"pruned"}`, `answered with error 0, "pruned"`, 0},
		{`{"code":1e999,"message":7}`, `answered with an error: it has "code message"`, 0},
		{`"busy"`, `answered with an error: it is the text "busy"`, 0},
		{`true`, `answered with an error: it is true`, 0},
		{`{"code":-32005,"message":"limit"}`, `answered with error -32005, "limit"`, endpoint.DefaultPause},
		{`{"code":-32029,"message":"x"}`, `answered with error -32029, "x"`, endpoint.DefaultPause},
		{`{"code":-32016,"message":"over rate limit"}`, "", endpoint.DefaultPause},
		{`{"code":429,"message":"x"}`, "", endpoint.DefaultPause},
		{`"Too Many Requests"`, `answered with an error: it is the text "Too Many Requests"`, endpoint.DefaultPause},
		{`{"code":-32000,"message":"daily request count exceeded, request rate limited"}`, "", endpoint.DefaultPause},
		{`{"code":-32007,"message":"50/second request limit reached - reduce calls per second"}`, "", endpoint.DefaultPause},
		{`{"code":-32097,"message":"Your app has exceeded its requests per minute capacity"}`, "", endpoint.DefaultPause},
		{`{"code":-32000,"message":"usage over monthly credits"}`, "", endpoint.DefaultPause},
		{`{"code":-32090,"message":"Too many requests, retry in 10ms"}`, "", time.Second},
		{`{"code":-32090,"message":"rate limit, try again in 2 minutes"}`, "", 2 * time.Minute},
		{`{"code":-32090,"message":"rate limit, retry after: 1.5 hours"}`, "", time.Hour},
		{`{"code":-32005,"message":"x","data":{"rate":{"backoff_seconds":24.5}}}`, "", 24500 * time.Millisecond},
		{`{"code":-32005,"message":"x","data":{"try_again_in":"12s"}}`, "", 12 * time.Second},
		{`{"code":-32005,"message":"retry after 99999999999999999999"}`, "", time.Hour},
	}
	for _, test := range tests {
		t.Run(test.member, func(t *testing.T) {
			member, err := answer.Decode([]byte(test.member))
			if err != nil {
				t.Fatal(err)
			}
			err = answer.Failure(member, quote)
			if test.want != "" && err.Error() != test.want || pauseOf(err) != test.pause {
				t.Errorf("got %v with a pause of %v, want %s with %v", err, pauseOf(err), test.want, test.pause)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	plain := errors.New("answered with no JSON-RPC")
	for text, want := range map[string]time.Duration{
		`{"message":"API rate limit exceeded"}`:                      endpoint.DefaultPause,
		`{"statusCode":429,"error":"x"}`:                             endpoint.DefaultPause,
		`{"errors":[{"detail":"quota exceeded"}]}`:                   endpoint.DefaultPause,
		`[{"error":{"code":-1,"message":"credits limited to 6/s"}}]`: endpoint.DefaultPause,
		`{"status":"error","message":"retry in 5s: throttled"}`:      5 * time.Second,
		`Too Many Requests`:                                          endpoint.DefaultPause,
		`error code: 1015, you are being rate limited`:               endpoint.DefaultPause,
		`<html><title>502 Bad Gateway</title></html>`:                0,
		`{"height":429}`:                 0,
		`{"name":"rate limit exceeded"}`: 0,
		`"invalid host specified"`:       0,
		`null`:                           0,
		``:                               0,
		`{"error":{"error":{"error":{"error":{"error":"throttled"}}}}}`: 0,
	} {
		var value any = text
		if decoded, err := answer.Decode([]byte(text)); err == nil {
			value = decoded
		}
		err := answer.Refused(value, plain)
		if pauseOf(err) != want || !errors.Is(err, plain) {
			t.Errorf("%s: got %v with a pause of %v, want %v", text, err, pauseOf(err), want)
		}
	}
}

// FuzzRefused: whatever comes in place of an answer, the pause is bounded and what
// is repeated of it is one line.
func FuzzRefused(f *testing.F) {
	for _, seed := range []string{`{"code":-32005,"message":"retry in 9e9 h"}`, `"rate limit"`, `[[[[[[[[1]]]]]]]]`, `{"data":{"backoff_seconds":-1}}`, "wait 1\x1b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var value any = text
		if decoded, err := answer.Decode([]byte(text)); err == nil {
			value = decoded
		}
		failure := answer.Failure(value, quote)
		for _, err := range []error{failure, answer.Refused(value, failure)} {
			if pause := pauseOf(err); pause != 0 && (pause < time.Second || pause > time.Hour) {
				t.Errorf("got a pause of %v", pause)
			}
			if strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("got %q", err)
			}
		}
	})
}

func TestInteger(t *testing.T) {
	tests := []struct {
		value any
		want  uint64
		err   string
	}{
		{json.Number("17"), 17, ""},
		{"17", 17, ""},
		{"0x11", 17, ""},
		{"0X11", 17, ""},
		{json.Number("1.5"), 0, `is no whole number, zero or more: "1.5"`},
		{"-1", 0, `is no whole number, zero or more: "-1"`},
		{"0x10000000000000000", 0, `is too large for a number of 64 bits: "0x10000000000000000"`},
		{true, 0, "is no number: it is true"},
		{nil, 0, "is no number: it is null"},
	}
	for _, test := range tests {
		got, err := answer.Integer(test.value, quote)
		if (err == nil) != (test.err == "") || err != nil && err.Error() != test.err || got != test.want {
			t.Errorf("%v: got %d, %v, want %d, %s", test.value, got, err, test.want, test.err)
		}
	}
}
