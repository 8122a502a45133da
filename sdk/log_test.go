package sdk_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/sdk"
)

// fakeLog sends what it is given.
type fakeLog struct {
	items  []sdk.LogItem
	err    error
	panics bool
	from   chan sdk.ReadFrom
}

var _ sdk.LogSource[container] = (*fakeLog)(nil)

func (f *fakeLog) ReadLog(ctx context.Context, _ container, from sdk.ReadFrom, w sdk.LogWriter) error {
	if f.from != nil {
		f.from <- from
	}
	for _, item := range f.items {
		if err := w.Send(item); err != nil {
			return err
		}
	}
	if f.panics {
		panic("in the log")
	}
	if f.err == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	return f.err
}

var errEnough = errors.New("enough")

// read returns the first items of a log.
func read(t *testing.T, source *fakeLog, enough int) ([]sdk.LogItem, error) {
	t.Helper()
	var got []sdk.LogItem
	err := logClient(t, source).ReadLog(t.Context(), []byte(`{"name":"azero"}`), sdk.ReadFrom{}, func(item sdk.LogItem) error {
		got = append(got, item)
		if len(got) == enough {
			return errEnough
		}
		return nil
	})
	return got, err
}

func TestItemsOfALogArriveAsTheyWereSent(t *testing.T) {
	at := time.Date(2025, 3, 1, 12, 0, 0, 5, time.UTC)
	items := []sdk.LogItem{
		sdk.RunStarted{StartedAt: at},
		sdk.Lines{Lines: []sdk.Line{{Time: at, Text: []byte("a\xff"), Stream: sdk.Stdout}, {Text: []byte("b"), Stream: sdk.Stderr, Truncated: true}}, Cursor: []byte("c\xff")},
		sdk.BacklogEnd{},
		sdk.Gap{After: at, Until: at.Add(time.Minute), Reason: "rotated"},
		sdk.Unreadable{Reason: "no driver"},
		sdk.Lines{Lines: []sdk.Line{}, Cursor: []byte("further")},
	}
	got, err := read(t, &fakeLog{items: items}, len(items))
	if diff := cmp.Diff(items, got); diff != "" || !errors.Is(err, errEnough) {
		t.Errorf("err %v, items (-want +got):\n%s", err, diff)
	}
}

func TestWordsOfALogNeedNotBeUTF8(t *testing.T) {
	got, _ := read(t, &fakeLog{items: []sdk.LogItem{sdk.Gap{Reason: "a\xff"}, sdk.Unreadable{Reason: "\xffb"}}}, 2)
	if diff := cmp.Diff([]sdk.LogItem{sdk.Gap{Reason: "a�"}, sdk.Unreadable{Reason: "�b"}}, got); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

func TestBatchesAreCut(t *testing.T) {
	short := make([]sdk.Line, 2001)
	for i := range short {
		short[i].Text = []byte("x")
	}
	long := func(sizes ...int) (lines []sdk.Line) {
		for _, size := range sizes {
			lines = append(lines, sdk.Line{Text: bytes.Repeat([]byte("y"), size)})
		}
		return lines
	}
	tests := []struct {
		name  string
		lines []sdk.Line
		want  []int
	}{
		{"no line", nil, []int{0}},
		{"one", short[:1], []int{1}},
		{"as many as fit", short[:1000], []int{1000}},
		{"one more", short[:1001], []int{1000, 1}},
		{"many", short, []int{1000, 1000, 1}},
		{"as much as fits", long(128<<10, 128<<10), []int{2}},
		{"a byte more", long(128<<10, 128<<10+1, 5), []int{1, 2}},
		{"too long for any", long(5, 300<<10, 5), []int{1, 1, 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(t, &fakeLog{items: []sdk.LogItem{sdk.Lines{Lines: test.lines, Cursor: []byte("end")}, sdk.BacklogEnd{}}}, len(test.want)+1)
			if !errors.Is(err, errEnough) {
				t.Fatal(err)
			}
			var sizes []int
			for i, item := range got[:len(test.want)] {
				batch := item.(sdk.Lines)
				sizes = append(sizes, len(batch.Lines))
				if last := i == len(test.want)-1; last != (string(batch.Cursor) == "end") || !last && batch.Cursor != nil {
					t.Errorf("batch %d has the cursor %q", i, batch.Cursor)
				}
			}
			if diff := cmp.Diff(test.want, sizes); diff != "" {
				t.Errorf("sizes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALineThatIsTooLongLosesItsEnd(t *testing.T) {
	got, _ := read(t, &fakeLog{items: []sdk.LogItem{sdk.Lines{Lines: []sdk.Line{{Text: bytes.Repeat([]byte("y"), 20<<20)}}}}}, 1)
	line := got[0].(sdk.Lines).Lines[0]
	if len(line.Text) != 256<<10 || !line.Truncated {
		t.Errorf("%d bytes, truncated %v", len(line.Text), line.Truncated)
	}
}

func TestReadFromArrives(t *testing.T) {
	tests := []struct {
		name        string
		given, want sdk.ReadFrom
	}{
		{"first", sdk.ReadFrom{Tail: 5000}, sdk.ReadFrom{Tail: 5000}},
		{"on", sdk.ReadFrom{Cursor: []byte{0, 255}}, sdk.ReadFrom{Cursor: []byte{0, 255}}},
		{"empty cursor", sdk.ReadFrom{Cursor: []byte{}}, sdk.ReadFrom{}},
		{"negative", sdk.ReadFrom{Tail: -1}, sdk.ReadFrom{}},
		{"once", sdk.ReadFrom{Tail: 1, NoFollow: true}, sdk.ReadFrom{Tail: 1, NoFollow: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source := &fakeLog{from: make(chan sdk.ReadFrom, 1), err: errEnough}
			logClient(t, source).ReadLog(t.Context(), []byte(`{"name":"azero"}`), test.given, nil)
			if diff := cmp.Diff(test.want, <-source.from); diff != "" {
				t.Errorf("from (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHowALogEnds(t *testing.T) {
	tests := []struct {
		name   string
		source fakeLog
		code   codes.Code
		words  string
	}{
		{"error", fakeLog{err: sdk.Unsupported(errors.New("driver none"))}, codes.Unimplemented, "driver none"},
		{"panic", fakeLog{panics: true}, codes.Internal, "in the log"},
		{"item that there is not", fakeLog{items: []sdk.LogItem{&sdk.BacklogEnd{}}}, codes.InvalidArgument, "*sdk.BacklogEnd"},
		{"no item", fakeLog{items: []sdk.LogItem{nil}}, codes.InvalidArgument, "<nil>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(t, &test.source, 1)
			wantCode(t, err, test.code)
			if !strings.Contains(err.Error(), test.words) || got != nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestALogOfNoTarget(t *testing.T) {
	err := logClient(t, &fakeLog{}).ReadLog(t.Context(), []byte(`{"nme":"azero"}`), sdk.ReadFrom{}, nil)
	wantCode(t, err, codes.InvalidArgument)
}

// ending is a log that ends without an error.
type ending struct{}

func (ending) ReadLog(context.Context, struct{}, sdk.ReadFrom, sdk.LogWriter) error { return nil }

func TestALogThatEndsIsAnError(t *testing.T) {
	wantCode(t, logClient(t, ending{}).ReadLog(t.Context(), nil, sdk.ReadFrom{}, nil), codes.Unavailable)
}

func TestALogFollowsUntilTheHostHasEnough(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	source := &fakeLog{from: make(chan sdk.ReadFrom, 1), items: []sdk.LogItem{sdk.BacklogEnd{}}}
	err := logClient(t, source).ReadLog(ctx, []byte(`{"name":"azero"}`), sdk.ReadFrom{}, func(sdk.LogItem) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}

func TestAReadingThatDoesNotFollowEnds(t *testing.T) {
	line := sdk.Lines{Lines: []sdk.Line{{Text: []byte("a")}}}
	for name, test := range map[string]struct {
		source sdk.LogSource[container]
		items  int
		code   codes.Code // OK for none
	}{
		"a source that follows all the same": {&fakeLog{items: []sdk.LogItem{line, sdk.BacklogEnd{}, line}}, 2, codes.OK},
		"one that ends":                      {&fakeLog{items: []sdk.LogItem{line, sdk.BacklogEnd{}}, err: errEnough}, 2, codes.OK},
		"one that cannot read":               {&fakeLog{items: []sdk.LogItem{line, sdk.Unreadable{Reason: "away"}}}, 1, codes.Unavailable},
		"one that fails":                     {&fakeLog{err: sdk.Denied(errors.New("no"))}, 0, codes.PermissionDenied},
	} {
		t.Run(name, func(t *testing.T) {
			items := 0
			err := logClient(t, test.source).ReadLog(t.Context(), []byte(`{"name":"azero"}`), sdk.ReadFrom{NoFollow: true}, func(sdk.LogItem) error {
				items++
				return nil
			})
			if items != test.items {
				t.Errorf("%d items came, want %d", items, test.items)
			}
			if test.code != codes.OK {
				wantCode(t, err, test.code)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}
