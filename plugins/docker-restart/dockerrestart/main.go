package dockerrestart

import "github.com/headwatch/headwatch/sdk"

// Main serves the plugin until the host ends it. It is all of the plugin's
// main function.
func Main() { sdk.ServeAction[Target](info(), newPlugin()) }

// info says who the plugin is.
func info() sdk.Info {
	return sdk.Info{
		Name:        "docker-restart",
		Version:     "0.1.0",
		Description: "Inspects and restarts a Docker container and serves its log.",
		// No engine listens there: a test contacts none, unless it is given one.
		Examples: []sdk.Example{
			{
				Name:   "container",
				Config: `{"docker_host": "unix:///run/headwatch-example-absent.sock"}`,
				Target: `{"container": "headwatch-example-absent"}`, Missing: true,
			},
			{
				Name:   "compose service",
				Config: `{"docker_host": "unix:///run/headwatch-example-absent.sock", "start_exited": true, "stop_timeout": 120}`,
				Target: `{"service": "node", "project": "headwatch-example-absent"}`, Missing: true,
			},
		},
	}
}
