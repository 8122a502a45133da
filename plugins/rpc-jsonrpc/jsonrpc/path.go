package jsonrpc

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/headwatch/headwatch/sdk/endpoint/answer"
)

// wholeAnswer is the path of an answer that is the value itself.
const wholeAnswer = "."

// path leads to a value inside an answer: keys of objects and indexes of lists,
// with dots between them. "." is the whole answer, a dot in front is allowed,
// an index counts from 0, or from the end as -1; a key that holds a dot or
// nothing at all stands in double quotes.
type path []string

func parsePath(text string) (path, error) {
	if text == wholeAnswer {
		return path{}, nil
	}
	rest := strings.TrimPrefix(text, ".")
	var p path
	for {
		key, after, err := cutKey(rest)
		if err != nil {
			return nil, err
		}
		p = append(p, key)
		if after == "" {
			return p, nil
		}
		rest = after[1:]
	}
}

// cutKey cuts the first key off; after is empty or begins with a dot.
func cutKey(text string) (key, after string, err error) {
	if strings.HasPrefix(text, `"`) {
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return "", "", errors.New("has a quote that is not closed")
		}
		key, err = strconv.Unquote(quoted)
		after = text[len(quoted):]
		if err != nil || after != "" && after[0] != '.' {
			return "", "", fmt.Errorf("has no dot after %s", quoted)
		}
		return key, after, nil
	}
	end := strings.IndexByte(text, '.')
	if end < 0 {
		end = len(text)
	}
	key, after = text[:end], text[end:]
	switch {
	case key == "":
		return "", "", errors.New("has an empty key")
	case strings.ContainsAny(key, "[]\"$* \t\r\n"):
		return "", "", fmt.Errorf("has the key %q", key)
	}
	return key, after, nil
}

// String is the path as it is written.
func (p path) String() string {
	if len(p) == 0 {
		return wholeAnswer
	}
	written := make([]string, len(p))
	for i, key := range p {
		if written[i] = key; key == "" || strings.ContainsAny(key, ".[]\"$* \t\r\n") {
			written[i] = strconv.Quote(key)
		}
	}
	return strings.Join(written, ".")
}

// find is the value that the path leads to in an answer that was decoded with
// numbers as they stand. Its error says where the path ended and what was
// there.
func (p path) find(whole any, quote answer.Quote) (any, error) {
	at := whole
	for i, key := range p {
		next, ok := step(at, key)
		if !ok {
			return nil, fmt.Errorf("no %s in %s: %s", p[i:i+1], p.placeOf(i), answer.Describe(at, quote))
		}
		at = next
	}
	return at, nil
}

// placeOf names what the first keys lead to.
func (p path) placeOf(keys int) string {
	if keys == 0 {
		return "the answer"
	}
	return p[:keys].String()
}

func step(at any, key string) (any, bool) {
	switch at := at.(type) {
	case map[string]any:
		value, ok := at[key]
		return value, ok
	case []any:
		index, err := strconv.Atoi(key)
		if err == nil && index < 0 {
			index += len(at)
		}
		if err != nil || index < 0 || index >= len(at) {
			return nil, false
		}
		return at[index], true
	}
	return nil, false
}
