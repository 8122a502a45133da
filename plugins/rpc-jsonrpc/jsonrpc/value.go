package jsonrpc

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk/endpoint"
	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

// height reads the number of a block that can be a head.
func height(value any, quote answer.Quote) (uint64, error) {
	n, err := answer.Integer(value, quote)
	if err == nil {
		err = answer.JudgeHeight(n)
	}
	return n, err
}

// zoneless are stamps without a zone; chains that write them mean UTC.
const zoneless = "2006-01-02T15:04:05.999999999"

// Where a number of seconds since 1970 would be the year 5138, it is taken for
// milliseconds, and so on.
const (
	tooManySeconds = 1e11
	tooManyMillis  = 1e14
	tooManyMicros  = 1e17
)

var fractionForm = regexp.MustCompile(`^\d+\.\d+$`)

// moment reads the time of a block: RFC 3339, or seconds, milli-, micro- or
// nanoseconds since 1970, told apart by their size, in one of the forms of a
// number. Seconds may have a fraction, which is dropped.
func moment(value any, quote answer.Quote) (time.Time, error) {
	text, isText := value.(string)
	if isText {
		for _, layout := range []string{time.RFC3339Nano, zoneless} {
			if at, err := time.Parse(layout, text); err == nil {
				return at.UTC(), nil
			}
		}
	}
	if number, ok := value.(json.Number); ok {
		text = string(number)
	}
	if fractionForm.MatchString(text) {
		whole, _, _ := strings.Cut(text, ".")
		value = json.Number(whole)
	}
	n, err := answer.Integer(value, quote)
	switch {
	case err != nil || n > math.MaxInt64:
		return time.Time{}, fmt.Errorf("is no time: %s", answer.Describe(value, quote))
	case n < tooManySeconds:
		return time.Unix(int64(n), 0).UTC(), nil
	case n < tooManyMillis:
		return time.UnixMilli(int64(n)).UTC(), nil
	case n < tooManyMicros:
		return time.UnixMicro(int64(n)).UTC(), nil
	}
	return time.Unix(0, int64(n)).UTC(), nil
}

// madeAt reads the time of a block. One before 2020 counts as none.
func madeAt(value any, quote answer.Quote) (time.Time, error) {
	at, err := moment(value, quote)
	if err == nil && at.Before(endpoint.FirstBlockTime()) {
		return time.Time{}, fmt.Errorf("is %s, which dates no block of today", at.Format(time.RFC3339))
	}
	return at, err
}

var hashForm = regexp.MustCompile(`^[0-9A-Za-z+/=_:.-]{1,200}$`)

// hashOf reads what names a block: one word.
func hashOf(value any, quote answer.Quote) (string, error) {
	text, ok := value.(string)
	if !ok || !hashForm.MatchString(text) {
		return "", fmt.Errorf("is no hash: %s", answer.Describe(value, quote))
	}
	return text, nil
}

// syncing reads whether an endpoint says that it is behind: true or false, or,
// as Ethereum nodes say it, an object while it is.
func syncing(value any, quote answer.Quote) (bool, error) {
	switch value := value.(type) {
	case bool:
		return value, nil
	case map[string]any:
		return !indexes(value, quote), nil
	}
	return false, fmt.Errorf("is neither true, false nor an object: %s", answer.Describe(value, quote))
}

// indexes tells a node that has all blocks, and only makes an index of them, from
// one that syncs: geth and its descendants answer the same object for hours. That
// the highest block is reached is not enough: reth always says so.
func indexes(object map[string]any, quote answer.Quote) bool {
	number := func(key string) uint64 {
		n, _ := answer.Integer(object[key], quote)
		return n
	}
	current, highest := number("currentBlock"), number("highestBlock")
	return number("txIndexRemainingBlocks")+number("stateIndexRemaining") > 0 && highest > 0 && current >= highest &&
		number("healingTrienodes")+number("healingBytecode") == 0
}

// progress is a figure of a sync that goes on without blocks: the sum of what an
// Ethereum node counts meanwhile, but for the height of the network.
func progress(value any, quote answer.Quote) uint64 {
	sum := uint64(0)
	switch value := value.(type) {
	case map[string]any:
		for key, each := range value {
			if key != "highestBlock" {
				sum += progress(each, quote)
			}
		}
	case []any:
		for _, each := range value {
			sum += progress(each, quote)
		}
	default:
		sum, _ = answer.Integer(value, quote) // 0 for the name of a stage
	}
	return sum
}

// chainOf reads what names a chain: a text or a number.
func chainOf(value any, quote answer.Quote) (string, error) {
	switch value := value.(type) {
	case string:
		return value, nil
	case json.Number:
		return string(value), nil
	}
	return "", fmt.Errorf("names no chain: %s", answer.Describe(value, quote))
}

// sameChain compares names of chains: numbers by their value, hexadecimal or
// not, and else letter by letter.
func sameChain(got, want string) bool {
	plain := func([]byte) string { return "" }
	a, errA := answer.Integer(got, plain)
	b, errB := answer.Integer(want, plain)
	if errA == nil && errB == nil {
		return a == b
	}
	return got == want
}
