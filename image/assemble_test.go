package main

import (
	"archive/tar"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func testImage(t *testing.T, arch string) v1.Image {
	t.Helper()
	r := release{version: "1.2.3", revision: "abc", created: time.Unix(1_800_000_000, 0).UTC()}
	image, err := assemble(r, arch, []byte("binary"), []byte("config"))
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// files lists the layer as "mode uid:gid path" and what a link leads to.
func files(t *testing.T, image v1.Image) map[string]string {
	t.Helper()
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("got %d layers, %v, want 1", len(layers), err)
	}
	plain, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	all := map[string]string{}
	for r := tar.NewReader(plain); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all[header.Name] = strings.TrimSpace(fmt.Sprintf("%o %d:%d %s", header.Mode, header.Uid, header.Gid, header.Linkname))
	}
}

func TestLayer(t *testing.T) {
	got := files(t, testImage(t, "amd64"))
	want := map[string]string{
		"headwatch":                         "755 0:0",
		"plugins/rpc-onfinality":            "755 0:0 headwatch",
		"plugins/rpc-jsonrpc":               "755 0:0 headwatch",
		"plugins/alephlog-parser":           "755 0:0 headwatch",
		"plugins/exec-action":               "755 0:0 headwatch",
		"plugins/docker-restart":            "755 0:0 headwatch",
		"plugins/log-regexp":                "755 0:0 headwatch",
		"etc/headwatch/monitor.hcl":         "644 0:0",
		"var/lib/headwatch/":                "700 1000:996",
		"etc/ssl/certs/ca-certificates.crt": "644 0:0",
		"tmp/":                              "1777 0:0",
	}
	for path, entry := range want {
		if got[path] != entry {
			t.Errorf("%s: got %q, want %q", path, got[path], entry)
		}
	}
	for path := range got {
		parent, _, nested := cutLast(strings.TrimSuffix(path, "/"))
		if nested && got[parent+"/"] == "" {
			t.Errorf("%s has no entry for its folder", path)
		}
	}
}

func cutLast(path string) (before, after string, found bool) {
	i := strings.LastIndex(path, "/")
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

func TestAuthorities(t *testing.T) {
	pool := x509.NewCertPool()
	if file := authorities(); !pool.AppendCertsFromPEM(file) || strings.Count(string(file), "BEGIN CERTIFICATE") < 50 {
		t.Errorf("got a file of %d bytes that is not many certificates", len(file))
	}
}

func TestConfiguration(t *testing.T) {
	file, err := testImage(t, "arm64").ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if file.Architecture != "arm64" || file.OS != "linux" || file.Config.Labels["org.opencontainers.image.version"] != "1.2.3" {
		t.Errorf("got %s/%s, labels %v", file.OS, file.Architecture, file.Config.Labels)
	}
	environment := strings.Join(file.Config.Env, " ")
	for _, want := range []string{"MONITOR_UID=1000", "MONITOR_GID=996", "HEADWATCH_STATE_DIR=", "HEADWATCH_CONFIG="} {
		if !strings.Contains(environment, want) {
			t.Errorf("got environment %s, want %s in it", environment, want)
		}
	}
	if strings.Contains(environment, "HEADWATCH_HTTP") {
		t.Errorf("got environment %s; it takes the endpoint out of the configuration's hands", environment)
	}
	if file.Config.User != "" {
		t.Errorf("got user %q; the host drops root itself, once it knows the socket's group", file.Config.User)
	}
}

func TestSameSourceSameImage(t *testing.T) {
	var archives [][]byte
	for i := range 2 {
		path := filepath.Join(t.TempDir(), fmt.Sprint(i))
		if err := write(path, tagged("latest"), testImage(t, "amd64")); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		archives = append(archives, data)
	}
	if string(archives[0]) != string(archives[1]) {
		t.Error("the same source gave two archives that differ")
	}
}
