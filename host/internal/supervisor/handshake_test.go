package supervisor

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

// TestLaunchRefusesHandshakes starts programs that shake hands and are no
// plugins, or hostile ones.
func TestLaunchRefusesHandshakes(t *testing.T) {
	dir := plugins(t)
	certificate := strings.Repeat("A", 60)
	cases := map[string]struct {
		line string
		mtls bool
		want string
	}{
		"empty line":                 {"", false, `it wrote "" where a plugin shakes hands`},
		"another core":               {"2|1|unix|/nowhere|grpc", false, "no plugin of headwatch"},
		"no version":                 {"1|x|unix|/nowhere|grpc", false, "speaks version x"},
		"net/rpc":                    {"1|1|unix|/nowhere", false, "does not speak gRPC"},
		"nobody behind it":           {"1|1|unix|/nowhere|grpc|", false, "ask who it is"},
		"over the network":           {"1|1|tcp|192.0.2.1:1|grpc", false, "tcp"},
		"no such network":            {"1|1|moon|/nowhere|grpc", false, "moon"},
		"a certificate unasked for":  {"1|1|unix|/nowhere|grpc|" + certificate, false, "TLS"},
		"a certificate that is none": {"1|1|unix|/nowhere|grpc|" + certificate, true, "certificate"},
		"a short certificate":        {"1|1|unix|/nowhere|grpc|AAAA", true, "TLS"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newSupervisor(t, slog.New(slog.DiscardHandler))
			s.times.handshake = time.Second
			t.Setenv("HW_LINE", c.line)
			spec := spec(dir, "says")
			spec.Env, spec.MTLS = append(spec.Env, "HW_LINE"), c.mtls
			_, stop, err := s.Start(context.Background(), spec)
			if err == nil {
				stop()
				t.Fatal("it was started")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want it to hold %q", err, c.want)
			}
			if left, err := os.ReadDir(s.sockets.path); err != nil || len(left) > 0 {
				t.Errorf("the socket folder holds %v, %v", left, err)
			}
		})
	}
}
