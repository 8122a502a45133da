package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/pem"
	"fmt"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// Who the host becomes, and where things are in the image.
const (
	uid        = 1000
	gid        = 996
	stateDir   = "/var/lib/headwatch"
	configFile = "/etc/headwatch/monitor.hcl"
	ownPlugins = "/own-plugins" // empty, for a mounted folder
	plugins    = "/plugins"
)

// names are the plugins that the binary is, beside the host.
func names() []string {
	return []string{"alephlog-parser", "docker-restart", "exec-action", "log-regexp", "rpc-jsonrpc", "rpc-onfinality"}
}

// assemble makes the image of one architecture.
func assemble(r release, arch string, binary, config []byte) (v1.Image, error) {
	packed, err := pack(entries(binary, config, authorities()), r.created)
	if err != nil {
		return nil, err
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed)), nil }
	layer, err := tarball.LayerFromOpener(opener, tarball.WithCompressionLevel(gzip.BestCompression), tarball.WithCompressedCaching)
	if err != nil {
		return nil, fmt.Errorf("make the layer: %w", err)
	}
	image, err := mutate.Append(empty.Image, mutate.Addendum{
		Layer:   layer,
		History: v1.History{Created: v1.Time{Time: r.created}, CreatedBy: "headwatch image"},
	})
	if err != nil {
		return nil, fmt.Errorf("add the layer: %w", err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("read the image's configuration: %w", err)
	}
	file = file.DeepCopy()
	file.Architecture, file.OS = arch, "linux"
	file.Created = v1.Time{Time: r.created}
	file.Config = settings(r)
	if image, err = mutate.ConfigFile(image, file); err != nil {
		return nil, fmt.Errorf("set the image's configuration: %w", err)
	}
	return image, nil
}

// settings are what a container of the image starts with. It starts as root,
// and the host drops to MONITOR_UID before it starts anything. It says nothing of
// the HTTP endpoint, which by default listens inside the container only.
func settings(r release) v1.Config {
	return v1.Config{
		Entrypoint: []string{"/headwatch"},
		Cmd:        []string{"run"},
		WorkingDir: "/",
		Env: []string{
			"PATH=/",
			fmt.Sprintf("MONITOR_UID=%d", uid),
			fmt.Sprintf("MONITOR_GID=%d", gid),
			"HEADWATCH_CONFIG=" + configFile,
			"HEADWATCH_PLUGIN_DIR=" + ownPlugins + ":" + plugins,
			"HEADWATCH_STATE_DIR=" + stateDir,
		},
		ExposedPorts: map[string]struct{}{"9464/tcp": {}},
		Healthcheck: &v1.HealthConfig{
			Test:        []string{"CMD", "/headwatch", "healthcheck"},
			Interval:    30 * time.Second,
			Timeout:     10 * time.Second,
			StartPeriod: 30 * time.Second,
			Retries:     3,
		},
		StopSignal: "SIGTERM",
		Labels:     labels(r),
	}
}

// labels are those of the OCI's annotation keys.
func labels(r release) map[string]string {
	const home = "https://github.com/headwatch/headwatch"
	all := map[string]string{
		"title":         "headwatch",
		"description":   "Watches a blockchain node in a container and restarts it by rules.",
		"version":       r.version,
		"revision":      r.revision,
		"created":       r.created.Format(time.RFC3339),
		"licenses":      "MIT",
		"url":           home,
		"source":        home,
		"documentation": home + "#readme",
	}
	prefixed := map[string]string{}
	for key, value := range all {
		if value != "" {
			prefixed["org.opencontainers.image."+key] = value
		}
	}
	return prefixed
}

// entry is one file of the layer.
type entry struct {
	path string
	mode int64
	data []byte
	link string // the file that it is another name of
	own  bool   // it belongs to the user that the host becomes
}

// entries are the whole file system. Every folder has an entry, since a missing
// one would be made with whatever mode the engine likes. The plugins are hard
// links: one file on disk and in memory, and yet each a regular file that
// another can take the place of.
func entries(binary, config, roots []byte) []entry {
	all := []entry{
		{path: "etc/", mode: 0o755},
		{path: "etc/headwatch/", mode: 0o755},
		{path: "etc/headwatch/monitor.hcl", mode: 0o644, data: config},
		{path: "etc/ssl/", mode: 0o755},
		{path: "etc/ssl/certs/", mode: 0o755},
		{path: "etc/ssl/certs/ca-certificates.crt", mode: 0o644, data: roots},
		{path: "headwatch", mode: 0o755, data: binary},
		{path: "own-plugins/", mode: 0o755},
		{path: "plugins/", mode: 0o755},
		{path: "tmp/", mode: 0o1777},
		{path: "var/", mode: 0o755},
		{path: "var/lib/", mode: 0o755},
		{path: "var/lib/headwatch/", mode: 0o700, own: true},
	}
	for _, name := range names() {
		all = append(all, entry{path: "plugins/" + name, mode: 0o755, link: "headwatch"})
	}
	return all
}

// authorities are Mozilla's certificate authorities as a file that Go finds by
// itself. Those that are trusted within limits are left out, since a file cannot
// say the limits.
func authorities() []byte {
	var file bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			file.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}))
		}
	}
	return file.Bytes()
}

// pack writes the entries as a tar archive, all of the same time.
func pack(all []entry, at time.Time) ([]byte, error) {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	for _, e := range all {
		header := &tar.Header{Name: e.path, Mode: e.mode, ModTime: at, Size: int64(len(e.data)), Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		switch {
		case e.link != "":
			header.Typeflag, header.Linkname = tar.TypeLink, e.link
		case e.path[len(e.path)-1] == '/':
			header.Typeflag = tar.TypeDir
		}
		if e.own {
			header.Uid, header.Gid = uid, gid
		}
		if err := w.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("pack %s: %w", e.path, err)
		}
		if _, err := w.Write(e.data); err != nil {
			return nil, fmt.Errorf("pack %s: %w", e.path, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return packed.Bytes(), nil
}
