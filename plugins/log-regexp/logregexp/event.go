package logregexp

import (
	"strings"
	"unicode/utf8"

	"github.com/headwatch/headwatch/sdk"
)

// Bounds on the texts of an event, in bytes.
const (
	maxMessage = 600
	maxWord    = 256
)

// The names of events that are more than their entry in eventKinds.
const fatalEvent = "fatal"

// eventKind is an event by the name that a configuration uses.
type eventKind struct {
	name string
	// numbered says that it needs a group with its number.
	numbered bool
	// text is the group that it may take besides; empty where there is none.
	text string
	make func(number uint64, text string) sdk.Event
}

// eventKinds are the events that a pattern can name. A fatal event is made by
// its pattern, which has the cause.
func eventKinds() []eventKind {
	return []eventKind{
		{"imported", true, "hash", func(n uint64, hash string) sdk.Event { return sdk.BlockImported{Number: n, Hash: wholeHash(hash)} }},
		{"best", true, "hash", func(n uint64, hash string) sdk.Event { return sdk.BlockBest{Number: n, Hash: wholeHash(hash)} }},
		{"finalized", true, "hash", func(n uint64, hash string) sdk.Event { return sdk.BlockFinalized{Number: n, Hash: wholeHash(hash)} }},
		{"prepared", true, "", func(n uint64, _ string) sdk.Event { return sdk.BlockProduced{Number: n, Step: sdk.Prepared} }},
		{"sealed", true, "", func(n uint64, _ string) sdk.Event { return sdk.BlockProduced{Number: n, Step: sdk.Sealed} }},
		{"major_sync", false, "", func(uint64, string) sdk.Event { return sdk.SyncState{Major: true} }},
		{"not_major_sync", false, "", func(uint64, string) sdk.Event { return sdk.SyncState{Major: false} }},
		{"session", true, "", func(n uint64, _ string) sdk.Event { return sdk.SessionStarted{Number: n} }},
		{"node_started", false, "version", func(_ uint64, version string) sdk.Event { return sdk.NodeStarted{Version: version} }},
		{fatalEvent, false, "message", nil},
	}
}

// numberGroups are the groups that may hold the number of an event, the first
// one that a pattern has. The event's own name tells two numbers of one line
// apart.
func (k eventKind) numberGroups() []string { return []string{k.name, "number"} }

// wholeHash is a hash as it is, empty where the log shortens it.
func wholeHash(hash string) string {
	for i := range len(hash) {
		if !isDigit(hash[i]) && !isLetter(hash[i]) {
			return ""
		}
	}
	return hash
}

// event is an event of one pattern: how it is made, and from which groups.
type event struct {
	number, text []int
	numbered     bool
	// whole says that the message of the line stands for the text.
	whole bool
	make  func(number uint64, text string) sdk.Event
}

// from makes the event of a line. It is not ok where the line does not have
// what the event needs: then nothing is known by it, and what was known is still
// true.
func (e event) from(m match) (sdk.Event, bool) {
	var number uint64
	if e.numbered {
		text, there := m.group(e.number)
		n, ok := readCount(text)
		if !there || !ok {
			return nil, false
		}
		number = n
	}
	text, there := m.group(e.text)
	if e.whole && !there {
		return e.make(number, cleanText(m.text, maxMessage)), true
	}
	return e.make(number, cleanText(text, maxMessage)), true
}

// match is a line that a pattern matches.
type match struct {
	pattern *pattern
	text    []byte
	groups  []int
	// cut says that the end of the text is missing.
	cut bool
}

// group is the text of the first of these groups that takes part in the match.
// A value that ends where a line is cut off may miss some of its digits, and is
// none.
func (m match) group(indices []int) (text []byte, there bool) {
	for _, index := range indices {
		if begin, end := m.groups[2*index], m.groups[2*index+1]; begin >= 0 {
			return m.text[begin:end], !m.cut || end < len(m.text)
		}
	}
	return nil, false
}

// cleanText is a text of limited length that is UTF-8.
func cleanText(text []byte, length int) string {
	text = clip(text, length)
	if utf8.Valid(text) {
		return string(text)
	}
	return strings.ToValidUTF8(string(text), "")
}
