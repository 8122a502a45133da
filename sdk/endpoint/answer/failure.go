package answer

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk/endpoint"
)

// Error is the error member of an answer.
type Error struct {
	// Code is that of JSON-RPC, 0 where there is none.
	Code int64
	// Message is quoted already.
	Message string
}

// Error is the code with the message.
func (e *Error) Error() string {
	return fmt.Sprintf("answered with error %d, %s", e.Code, e.Message)
}

// SyncError says that an endpoint does not know the network's head. It holds what
// the endpoint says of itself, such as "syncing itself".
type SyncError string

// Error says what the endpoint says, and what follows from it.
func (e SyncError) Error() string {
	return "says that it is " + string(e) + ", and so does not know the network's head"
}

// Failure is what the error member of an answer means: an [Error], or a
// [endpoint.PauseError] of one where the server wants fewer requests.
func Failure(member any, quote Quote) error {
	object, _ := member.(map[string]any)
	message, isText := object["message"].(string)
	if !isText {
		err := fmt.Errorf("answered with an error: %s", Describe(member, quote))
		if limited(member, depth) {
			return endpoint.Pause(err, pauseIn(member, depth))
		}
		return err
	}
	number, _ := object["code"].(json.Number)
	code, _ := number.Int64() // 0 where it is none; the message tells more
	err := &Error{Code: code, Message: quote([]byte(message))}
	if slices.Contains(limitCodes(), code) || limited(member, depth) {
		return endpoint.Pause(err, pauseIn(member, depth))
	}
	return err
}

// Refused makes err the pause that the server asks for, where what came in place
// of an answer, a text or what [Decode] made of it, says that it wants fewer
// requests. Else err stays as it is.
func Refused(value any, err error) error {
	if text, ok := value.(string); ok {
		value = text[:min(len(text), mostRefusal)]
	}
	if limited(value, depth) {
		return endpoint.Pause(err, pauseIn(value, depth))
	}
	return err
}

// limitCodes are the codes by which providers ask for fewer requests. Of other
// codes, which mean other things as well, the message is read.
func limitCodes() []int64 { return []int64{-32029, -32005, -32016, 429} }

const (
	// mostRefusal is how much of a text that is no JSON is looked at.
	mostRefusal = 4096
	// depth is how deep into an answer the words of a refusal are looked for.
	depth = 4
)

// limitWords are the words in which servers ask for fewer requests.
var limitWords = regexp.MustCompile(`(?i)rate[ -]?limit|\brate exceeded|too[ _]many[ _](requests|connections|calls)|throttl|compute units` +
	`|(requests?|calls?|credits?|queries)( per |/ ?)(s|m|h|d)|limited to \d` +
	`|\b(limit|quota|capacity|throughput|credits?)( has been| have been| is| was| are)? (reached|exceeded|exhausted)` +
	`|\b(exceed(ed|s)?|reached|exhausted|over)( [^ ]+){0,5} (limit|quota|capacity|throughput|credits?)\b`)

// refusalKeys are the keys under which a refusal stands.
func refusalKeys() []string {
	return []string{"error", "errors", "message", "msg", "detail", "details", "title", "reason", "description", "code", "status", "statusCode", "data"}
}

// limited says whether what came in place of an answer asks for fewer requests.
func limited(value any, deep int) bool {
	switch value := value.(type) {
	case string:
		return limitWords.MatchString(value)
	case json.Number:
		return value == "429"
	case []any:
		return deep > 0 && len(value) > 0 && limited(value[0], deep-1)
	case map[string]any:
		return deep > 0 && slices.ContainsFunc(refusalKeys(), func(key string) bool { return limited(value[key], deep-1) })
	}
	return false
}

// pauseForm is where a text says when to come back.
var pauseForm = regexp.MustCompile(`(?i)(?:retry|try again|wait|back ?off)[^0-9]{0,16}(\d{1,9}(?:\.\d{1,9})?) ?(ms|milli|s|m|h)?`)

// pauseIn is the pause that a refusal names; zero where it names none.
func pauseIn(value any, deep int) time.Duration {
	switch value := value.(type) {
	case string:
		found := pauseForm.FindStringSubmatch(value)
		if found == nil {
			return 0
		}
		units := map[string]time.Duration{"ms": time.Millisecond, "milli": time.Millisecond, "m": time.Minute, "h": time.Hour}
		unit, ok := units[strings.ToLower(found[2])]
		if !ok {
			unit = time.Second
		}
		number, _ := strconv.ParseFloat(found[1], 64) // its form is checked
		return time.Duration(min(number, 1e6) * float64(unit))
	case []any:
		if deep > 0 && len(value) > 0 {
			return pauseIn(value[0], deep-1)
		}
	case map[string]any:
		return pauseOf(value, deep)
	}
	return 0
}

// pauseOf looks for a pause in an object: under a key that says so, or in its
// words.
func pauseOf(object map[string]any, deep int) time.Duration {
	for _, key := range []string{"backoff_seconds", "retry_after", "retryAfter", "try_again_in", "retry_in"} {
		switch value := object[key].(type) {
		case json.Number:
			if pause := pauseIn("retry "+string(value), 0); pause > 0 {
				return pause
			}
		case string:
			if pause := pauseIn("retry "+value, 0); pause > 0 {
				return pause
			}
		}
	}
	if deep == 0 {
		return 0
	}
	for _, key := range append(refusalKeys(), "rate") {
		if pause := pauseIn(object[key], deep-1); pause > 0 {
			return pause
		}
	}
	return 0
}
