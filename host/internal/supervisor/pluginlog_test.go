package supervisor

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestPluginLog(t *testing.T) {
	cases := map[string]struct {
		pieces []string
		want   []string
	}{
		"plain":                 {[]string{"hello\n"}, []string{"level=INFO msg=hello"}},
		"in pieces":             {[]string{"he", "llo\nwor", "ld\n"}, []string{"level=INFO msg=hello", "level=INFO msg=world"}},
		"without an end":        {[]string{"hello"}, []string{"level=INFO msg=hello"}},
		"empty lines":           {[]string{"\n\r\n \n"}, nil},
		"no UTF-8":              {[]string{"a\xffb\n"}, []string{"level=INFO msg=\"a\ufffdb\""}},
		"hclog":                 {[]string{`{"@level":"warn","@message":"m","@timestamp":"t","@module":"x","n":1,"a":"b"}` + "\n"}, []string{"level=WARN msg=m a=b n=1"}},
		"every level":           {[]string{`{"@level":"trace","@message":"m"}` + "\n" + `{"@level":"debug","@message":"m"}` + "\n" + `{"@level":"error","@message":"m"}` + "\n"}, []string{"level=DEBUG msg=m", "level=DEBUG msg=m", "level=ERROR msg=m"}},
		"a number as a message": {[]string{`{"@message":5}` + "\n"}, []string{"level=INFO msg=5"}},
		"a list as a level":     {[]string{`{"@level":[1],"@message":null}` + "\n"}, []string{"level=INFO msg=<nil>"}},
		"JSON of another kind":  {[]string{`{"msg":"m"}` + "\n"}, []string{`level=INFO msg="{\"msg\":\"m\"}"`}},
		"broken JSON":           {[]string{`{"@message":` + "\n"}, []string{`level=INFO msg="{\"@message\":"`}},
		"a panic":               {[]string{"before\npanic: oh\n\ngoroutine 1 [running]:\n"}, []string{"level=INFO msg=before", `level=ERROR msg="panic: oh"`, `level=ERROR msg="goroutine 1 [running]:"`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			logger, log := newRecords()
			l := newPluginLog(logger)
			for _, piece := range c.pieces {
				if n, err := l.Write([]byte(piece)); n != len(piece) || err != nil {
					t.Errorf("wrote %d, %v", n, err)
				}
			}
			l.flush()
			if got, want := log.all(), strings.Join(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestPluginLogBoundsALine(t *testing.T) {
	logger, log := newRecords()
	l := newPluginLog(logger)
	for range 100 {
		_, _ = l.Write([]byte(strings.Repeat("x", 10_000)))
	}
	_, _ = l.Write([]byte("\nnext\n"))
	if got := len(log.all()); got > maxLogLine+200 || log.count("msg=next") != 1 {
		t.Errorf("the log holds %d bytes", got)
	}
}

func TestPluginLogExplains(t *testing.T) {
	l := newPluginLog(slog.New(slog.DiscardHandler))
	plain := errors.New("gone")
	if got := l.explain(plain); got != plain {
		t.Errorf("got %v for a process that said nothing", got)
	}
	_, _ = l.Write([]byte("routine\n" + `{"@message":"cannot","error":"no disk","stack":"a\nb"}` + "\n"))
	if got := l.explain(plain).Error(); got != "gone; its last words: routine | cannot error=no disk" {
		t.Errorf("got %q", got)
	}
	_, _ = l.Write([]byte("panic: oh\n" + strings.Repeat("main.main()\n", 100)))
	got := l.explain(plain)
	if !strings.HasPrefix(got.Error(), "gone; its last words: panic: oh | main.main()") || !errors.Is(got, plain) {
		t.Errorf("got %q", got)
	}
}

func FuzzPluginLog(f *testing.F) {
	for _, seed := range []string{"hello\n", `{"@message":5}` + "\n", `{"@level":{},"@message":[],"a":{"b":[1,null]}}` + "\n", "panic: x\n{\xff}\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		logger, _ := newRecords()
		l := newPluginLog(logger)
		if n, err := l.Write(data); n != len(data) || err != nil {
			t.Errorf("wrote %d of %d, %v", n, len(data), err)
		}
		l.flush()
		_ = l.explain(errors.New("gone"))
	})
}
