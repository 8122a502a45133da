package redact

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
)

// hidden stands where something secret stood.
const hidden = "[hidden]"

// Bounds on what can be kept secret: a shorter text than leastSecret says
// nothing, and one below longSecret is looked for as a word of its own only.
const (
	leastSecret = 3
	longSecret  = 8
)

// Redactor takes out of a text what must not be written. One that knows no secret
// takes addresses down to scheme and host. Any goroutine may use it.
type Redactor struct{ secrets atomic.Pointer[[]string] }

// New returns one that knows secrets. Of an address that is secret itself its
// host may be shown, but no other part, wherever it stands.
func New(secrets ...string) *Redactor {
	r := &Redactor{}
	r.Add(secrets...)
	return r
}

// Add makes it know more secrets; what it knew it goes on knowing. It must not
// be called from two goroutines at once.
func (r *Redactor) Add(secrets ...string) {
	known := slices.Clone(r.known())
	for _, secret := range secrets {
		for _, part := range secretParts(secret) {
			if len(part) >= leastSecret && !slices.Contains(known, part) {
				known = append(known, part)
			}
		}
	}
	// The longer first, for one may hold another.
	slices.SortStableFunc(known, func(a, b string) int { return len(b) - len(a) })
	r.secrets.Store(&known)
}

func (r *Redactor) known() []string {
	if known := r.secrets.Load(); known != nil {
		return *known
	}
	return nil
}

// secretParts are the texts to look for: those of a secret as it is written and
// as it stands in an address.
func secretParts(secret string) []string {
	address, err := url.Parse(secret)
	if err != nil || address.Host == "" {
		parts := []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
		for word := range strings.FieldsSeq(secret) {
			// "Bearer KEY": the key by itself as well.
			if len(word) >= longSecret {
				parts = append(parts, word)
			}
		}
		return parts
	}
	parts := []string{address.RawQuery, address.Fragment}
	if address.User != nil {
		password, _ := address.User.Password()
		parts = append(parts, address.User.Username(), password, address.User.String())
	}
	for _, values := range address.Query() {
		parts = append(parts, values...)
	}
	for part := range strings.SplitSeq(address.Path, "/") {
		// A short one is a word such as "ws", not a key, and so is the name of a
		// network such as "polkadot".
		if len(part) >= longSecret && !isNetwork(part) {
			parts = append(parts, part, url.PathEscape(part))
		}
	}
	return parts
}

// networks are names that stand in the paths of public endpoints. To hide one would
// hide it in the names of hosts and containers too.
var networks = []string{"polkadot", "ethereum", "solana", "bitcoin", "mainnet", "mainnet-beta", "mainnet-alpha", "testnet", "westend", "sepolia", "holesky", "hoodi", "aleph-zero", "cosmoshub", "public", "archive"}

func isNetwork(part string) bool { return slices.Contains(networks, part) }

// addressForm is an address with what may follow its host.
var addressForm = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>\\` + "`" + `]*`)

// Text is a text without what is secret.
func (r *Redactor) Text(text string) string {
	if strings.Contains(text, "://") {
		text = addressForm.ReplaceAllStringFunc(text, shortAddress)
	}
	for _, secret := range r.known() {
		if strings.Contains(text, secret) {
			text = hide(text, secret)
		}
	}
	return text
}

// Address is the scheme and the host of an address, whatever its form.
func (r *Redactor) Address(text string) string {
	if !strings.Contains(text, "://") {
		text = text[:indexAnyOrEnd(text, "/?# \t")]
		text = text[strings.LastIndexByte(text, '@')+1:]
	}
	return r.Text(text)
}

// shortAddress leaves scheme and host. The path of a file or a socket stays: it
// holds no secret, and says which one it is.
func shortAddress(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	if scheme == "unix" || scheme == "file" || scheme == "npipe" {
		return address
	}
	end := indexAnyOrEnd(rest, "/?#")
	host, after := rest[:end], rest[end:]
	// What ends the sentence, not the address.
	tail := after[len(strings.TrimRight(after, ".,;:)]}")):]
	return scheme + "://" + host[strings.LastIndexByte(host, '@')+1:] + tail
}

func indexAnyOrEnd(text, chars string) int {
	if at := strings.IndexAny(text, chars); at >= 0 {
		return at
	}
	return len(text)
}

// hide replaces a secret wherever it stands; a short one, or a number, only
// where it stands by itself.
func hide(text, secret string) string {
	anywhere := len(secret) >= longSecret && strings.IndexFunc(secret, func(r rune) bool { return !unicode.IsDigit(r) }) >= 0
	var b strings.Builder
	for from := 0; ; {
		at := strings.Index(text[from:], secret)
		if at < 0 {
			return b.String() + text[from:]
		}
		at += from
		end := at + len(secret)
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if anywhere || !inWord(before) && !inWord(after) {
			b.WriteString(text[from:at] + hidden)
		} else {
			b.WriteString(text[from:end])
		}
		from = end
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// JSON is a line of JSON without what is secret in the values of its strings.
// Everything else stays byte for byte.
func (r *Redactor) JSON(line []byte) []byte {
	if !r.suspects(line) {
		return line
	}
	var out []byte
	for len(line) > 0 {
		begin := bytes.IndexByte(line, '"')
		if begin < 0 {
			break
		}
		end := begin + stringEnd(line[begin:])
		out = append(out, line[:begin]...)
		out = append(out, r.literal(line[begin:end], line[end:])...)
		line = line[end:]
	}
	return append(out, line...)
}

// suspects says whether a line may hold something secret; most do not. A secret
// that JSON writes in another way is looked for by what it has of letters.
func (r *Redactor) suspects(line []byte) bool {
	if bytes.Contains(line, []byte("://")) {
		return true
	}
	return slices.ContainsFunc(r.known(), func(secret string) bool {
		return strings.ContainsAny(secret, "\"\\<>&") || bytes.Contains(line, []byte(secret)) || !plainASCII(secret)
	})
}

func plainASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// stringEnd is the length of the string literal that b begins with.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// literal is a string literal without what is secret; the name of a field stays.
func (r *Redactor) literal(literal, after []byte) []byte {
	if len(after) > 0 && after[0] == ':' {
		return literal
	}
	var text string
	if json.Unmarshal(literal, &text) != nil {
		return literal
	}
	clean := r.Text(text)
	if clean == text {
		return literal
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(clean) != nil {
		return []byte(`"` + hidden + `"`)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
