package supervisor

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"log/slog"
	"math/big"
	"os"
	"strings"
	"testing"
)

// TestLaunchRefusesHandshakes starts programs that shake hands and are no
// plugins, or hostile ones.
func TestLaunchRefusesHandshakes(t *testing.T) {
	dir := plugins(t)
	certificate := certificate(t)
	cases := map[string]struct {
		line string
		mtls bool
		want string
	}{
		"empty line":                 {"", false, `it wrote "" where a plugin shakes hands`},
		"another core":               {"2|1|unix|/nowhere|grpc", false, "no plugin of headwatch"},
		"no version":                 {"1|x|unix|/nowhere|grpc", false, `speaks version "x"`},
		"net/rpc":                    {"1|1|unix|/nowhere", false, "does not speak gRPC"},
		"nobody behind it":           {"1|1|unix|/nowhere|grpc|", false, "ask who it is"},
		"over the network":           {"1|1|tcp|192.0.2.1:1|grpc", false, "over tcp, not over a unix socket"},
		"no such network":            {"1|1|moon|/nowhere|grpc", false, "over moon, not over a unix socket"},
		"a certificate unasked for":  {"1|1|unix|/nowhere|grpc|" + certificate, false, "set mtls = true"},
		"a certificate that is none": {"1|1|unix|/nowhere|grpc|" + strings.Repeat("A", 60), true, "certificate"},
		"a short certificate":        {"1|1|unix|/nowhere|grpc|AAAA", true, "set mtls = false"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newSupervisor(t, slog.New(slog.DiscardHandler))
			t.Setenv("HW_LINE", c.line)
			spec := spec(dir, "says")
			spec.Env, spec.MTLS = append(spec.Env, "HW_LINE"), c.mtls
			_, stop, err := open(context.Background(), s, spec)
			if err == nil {
				stop()
				t.Fatal("it was started")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want it to hold %q", err, c.want)
			}
			if left, err := os.ReadDir(s.sockets.Path); err != nil || len(left) > 0 {
				t.Errorf("the socket folder holds %v, %v", left, err)
			}
		})
	}
}

// certificate is one as it stands in a handshake.
func certificate(t *testing.T) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawStdEncoding.EncodeToString(der)
}
