package dockerrestart

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/headwatch/headwatch/internal/enginetest"
	"github.com/headwatch/headwatch/plugins/docker-restart/dockerlog/logtest"
	"github.com/headwatch/headwatch/sdk"
)

func TestLogThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*enginetest.Engine, *enginetest.Spec)
		want    codes.Code
		text    string
	}{
		"no log driver": {func(_ *enginetest.Engine, s *enginetest.Spec) { s.LogDriver = "none" }, codes.Unimplemented, "log driver is none"},
		"unreadable driver": {func(e *enginetest.Engine, _ *enginetest.Spec) {
			e.Inject(enginetest.Fault{Route: enginetest.RouteLogs, Status: 501, Header: asJSON(), Body: `{"message":"configured logging driver does not support reading"}`})
		}, codes.Unimplemented, "does not support reading"},
		"proxy": {func(e *enginetest.Engine, _ *enginetest.Spec) {
			e.Inject(enginetest.Fault{Route: enginetest.RouteLogs, Status: 403, Body: "Forbidden"})
		}, codes.PermissionDenied, "GET /containers/{id}/logs"},
		"proxy without ping": {func(e *enginetest.Engine, _ *enginetest.Spec) {
			e.Inject(enginetest.Fault{Route: enginetest.RoutePing, Status: 403, Body: "Forbidden"})
		}, codes.PermissionDenied, "/_ping"},
	} {
		t.Run(name, func(t *testing.T) {
			e := enginetest.Start(t, enginetest.Options{})
			spec := enginetest.Spec{Name: "node"}
			test.prepare(e, &spec)
			e.RunContainer(spec)
			err := startPlugin(t, e.Host(), nil).ReadLog(t.Context(), nodeTarget, sdk.ReadFrom{Tail: 2}, logtest.NewRecorder())
			wantError(t, err, test.want, test.text)
		})
	}
}

func asJSON() http.Header { return http.Header{"Content-Type": {"application/json"}} }

// wantError wants an error of a class that says something.
func wantError(t testing.TB, err error, want codes.Code, text string) {
	t.Helper()
	var got *sdk.Error
	if !errors.As(err, &got) || got.Code() != want || !strings.Contains(err.Error(), text) {
		t.Errorf("error is %v, want %s with %q", err, want, text)
	}
}

func TestEngineIsUpgraded(t *testing.T) {
	s := newScene(t, enginetest.Docker20(), false)
	s.say(t, 2)
	s.heard(t)
	for _, api := range [][2]string{{"1.44", "1.51"}, {"1.24", "1.43"}} {
		s.engine.SetAPI(api[0], api[1])
		s.engine.CutStreams(false)
		s.say(t, 2)
		s.heard(t)
		if state := inspect(t, s.plugin, nodeTarget); !state.Running {
			t.Errorf("state is %+v", state)
		}
	}
}

func TestWedgedContainer(t *testing.T) {
	t.Parallel()
	s := newScene(t, enginetest.Docker20(), false)
	before := inspect(t, s.plugin, nodeTarget)
	s.engine.Inject(enginetest.Fault{Route: enginetest.RouteInspect, Hang: true})
	got := inspect(t, s.plugin, nodeTarget)
	if !got.Running || !got.StartedAt.Equal(before.StartedAt) || got.ID != before.ID || len(got.Notes) != 1 {
		t.Errorf("state is %+v, before it was %+v", got, before)
	}
	_, err := startPlugin(t, s.engine.Host(), nil).Inspect(t.Context(), nodeTarget)
	wantError(t, err, codes.Unknown, "which the engine lists as running")
}
