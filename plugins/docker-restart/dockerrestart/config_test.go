package dockerrestart

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/headwatch/headwatch/sdk"
)

// paths are the attributes that an error points at.
func paths(err error) (all []string) {
	for _, d := range sdk.Diagnostics(err) {
		all = append(all, strings.Join(d.Path, "."))
	}
	return all
}

func TestTargetValidate(t *testing.T) {
	for name, test := range map[string]struct {
		target Target
		want   []string
	}{
		"name":                {Target{Container: "azero"}, nil},
		"compose's own names": {Target{Container: "azero-node_1.x"}, nil},
		"id":                  {Target{Container: strings.Repeat("0a", 32)}, nil},
		"service":             {Target{Service: "node"}, nil},
		"service of project":  {Target{Service: "node", Project: "azero"}, nil},
		"nothing":             {Target{}, []string{"container"}},
		"both":                {Target{Container: "a", Service: "b"}, []string{"service"}},
		"project alone":       {Target{Container: "a", Project: "b"}, []string{"project"}},
		"path":                {Target{Container: "../images"}, []string{"container"}},
		"query":               {Target{Container: "a?b"}, []string{"container"}},
		"slash before":        {Target{Container: "/azero"}, []string{"container"}},
		"blank":               {Target{Container: "a b"}, []string{"container"}},
		"dash first":          {Target{Container: "-rf"}, []string{"container"}},
		"dots":                {Target{Container: ".."}, []string{"container"}},
		"too long":            {Target{Container: strings.Repeat("a", 256)}, []string{"container"}},
		"comma in a label":    {Target{Service: "a,b", Project: "c=d"}, []string{"service", "project"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, paths(test.target.Validate())); diff != "" {
				t.Errorf("errors at (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfigValidate(t *testing.T) {
	for name, test := range map[string]struct {
		config Config
		env    map[string]string
		want   []string
	}{
		"defaults":             {Config{}, nil, nil},
		"full":                 {Config{DockerHost: "unix:///run/docker.sock", DockerControlHost: "tcp://proxy:2375", StopTimeout: time.Minute, Signal: "SIGINT"}, nil, nil},
		"signal by number":     {Config{Signal: "2"}, nil, nil},
		"ssh":                  {Config{DockerHost: "ssh://me@host"}, nil, []string{"docker_host"}},
		"ssh in DOCKER_HOST":   {Config{}, map[string]string{"DOCKER_HOST": "ssh://me@host"}, []string{"docker_host"}},
		"no scheme":            {Config{DockerControlHost: "proxy:2375"}, nil, []string{"docker_control_host"}},
		"port":                 {Config{DockerHost: "tcp://proxy:2375"}, nil, nil},
		"port out of range":    {Config{DockerHost: "tcp://proxy:99999"}, nil, []string{"docker_host"}},
		"unknown scheme":       {Config{DockerHost: "ftp://proxy"}, nil, []string{"docker_host"}},
		"certificates":         {Config{DockerHost: "tcp://h:2376"}, map[string]string{"DOCKER_CERT_PATH": "/certs", "DOCKER_TLS_VERIFY": "1"}, nil},
		"unchecked":            {Config{DockerHost: "tcp://h:2376"}, map[string]string{"DOCKER_CERT_PATH": "/certs"}, []string{"docker_host"}},
		"unchecked, of no use": {Config{}, map[string]string{"DOCKER_CERT_PATH": "/certs"}, nil},
		"negative stop":        {Config{StopTimeout: -time.Second}, nil, []string{"stop_timeout"}},
		"endless stop":         {Config{StopTimeout: 2 * time.Hour}, nil, []string{"stop_timeout"}},
		"no signal":            {Config{Signal: "stop now"}, nil, []string{"signal"}},
		"all wrong":            {Config{DockerHost: "x", DockerControlHost: "y", StopTimeout: -1, Signal: "?"}, nil, []string{"docker_host", "docker_control_host", "stop_timeout", "signal"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"} {
				t.Setenv(variable, test.env[variable])
			}
			if diff := cmp.Diff(test.want, paths(test.config.Validate())); diff != "" {
				t.Errorf("errors at (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	id, other := strings.Repeat("0a", 32), strings.Repeat("0b", 32)
	mount := "1 2 8:1 /var/lib/docker/containers/" + id + "/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n"
	for name, test := range map[string]struct {
		hostname, mounts, groups string
		want                     bool
	}{
		"nothing known":          {"host", "", "", false},
		"hostname":               {id[:12], "", "", true},
		"hostname of the other":  {other[:12], "", "", false},
		"short hostname":         {"0a", "", "", false},
		"mount":                  {"host", mount, "", true},
		"mount of a host":        {"host", "1 2 0:9 / /var/lib/docker/containers/" + id + "/mounts/shm rw - tmpfs shm rw\n", "", false},
		"mount of the other":     {"host", strings.ReplaceAll(mount, id, other), "", false},
		"control group":          {"host", "", "12:pids:/docker/" + id + "\n", true},
		"control group, systemd": {"host", "", "0::/system.slice/docker-" + id + ".scope", true},
		"control group of none":  {"host", "", "0::/init.scope\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := newIdentity(test.hostname, test.mounts, test.groups).is(id); got != test.want {
				t.Errorf("is own: %v, want %v", got, test.want)
			}
		})
	}
}
