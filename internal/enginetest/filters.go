package enginetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// apiError is an answer other than success.
type apiError struct {
	status  int
	message string
}

func (e *apiError) Error() string { return e.message }

func fail(status int, format string, args ...any) error {
	return &apiError{status, fmt.Sprintf(format, args...)}
}

// filterArgs are the filters of a list or of events.
type filterArgs map[string][]string

// parseFilters reads both encodings: {"k":{"v":true}} and {"k":["v"]}.
func parseFilters(r *http.Request, known ...string) (filterArgs, error) {
	text := r.URL.Query().Get("filters")
	if text == "" {
		return nil, nil
	}
	args := filterArgs{}
	var sets map[string]map[string]bool
	if err := json.Unmarshal([]byte(text), &sets); err == nil {
		for k, set := range sets {
			args[k] = slices.Sorted(maps.Keys(set))
		}
	} else if err := json.Unmarshal([]byte(text), (*map[string][]string)(&args)); err != nil {
		return nil, fail(http.StatusInternalServerError, "%v", err)
	}
	for k := range args {
		if !slices.Contains(known, k) {
			return nil, fail(http.StatusBadRequest, "Invalid filter '%s'", k)
		}
	}
	return args, nil
}

// any reports whether one of the wanted values matches, or none is wanted.
func (f filterArgs) any(key string, matches func(want string) bool) bool {
	return len(f[key]) == 0 || slices.ContainsFunc(f[key], matches)
}

// labels reports whether all wanted labels are there, as "key" or "key=value".
func (f filterArgs) labels(have map[string]string) bool {
	for _, want := range f["label"] {
		key, value, withValue := strings.Cut(want, "=")
		got, found := have[key]
		if !found || withValue && got != value {
			return false
		}
	}
	return true
}

// container reports whether the filters of a list let the container through.
// Names match as regular expressions, anywhere. The engine's lock is held.
func (f filterArgs) container(c *Container) bool {
	return f.labels(c.spec.Labels) &&
		f.any("status", func(want string) bool { return want == c.status }) &&
		f.any("id", func(want string) bool { return strings.HasPrefix(c.ID, want) }) &&
		f.any("name", func(want string) bool {
			match, err := regexp.MatchString(want, "/"+c.name)
			return err == nil && match
		})
}

// queryTime reads seconds with an optional fraction; zero where there is none.
func queryTime(r *http.Request, key string) (time.Time, error) {
	text := r.URL.Query().Get(key)
	if text == "" || text == "0" {
		return time.Time{}, nil
	}
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, fail(http.StatusInternalServerError, "%v", err)
	}
	if fraction == "" {
		return time.Unix(seconds, 0).UTC(), nil
	}
	nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if err != nil {
		return time.Time{}, fail(http.StatusInternalServerError, "%v", err)
	}
	return time.Unix(seconds, nanos).UTC(), nil
}

// queryBool is how the engine reads a flag: nearly everything is true.
func queryBool(q url.Values, key string) bool {
	text := strings.ToLower(strings.TrimSpace(q.Get(key)))
	return !slices.Contains([]string{"", "0", "no", "false", "none"}, text)
}

// older reports whether API version a is before b.
func older(a, b string) bool {
	var aMajor, aMinor, bMajor, bMinor int
	_, _ = fmt.Sscanf(a, "%d.%d", &aMajor, &aMinor) // what cannot be read is 0.0
	_, _ = fmt.Sscanf(b, "%d.%d", &bMajor, &bMinor)
	return aMajor < bMajor || aMajor == bMajor && aMinor < bMinor
}
