package dockerrestart

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
	"github.com/headwatch/headwatch/sdk"
)

// Config is the plugin's config block.
type Config struct {
	DockerHost        string        `hw:"docker_host" doc:"address of the Docker Engine, unix:// or tcp://; default: DOCKER_HOST, else the usual socket"`
	DockerControlHost string        `hw:"docker_control_host" doc:"address to send restart and start to, where another proxy allows them; default: docker_host"`
	StartExited       bool          `hw:"start_exited" default:"false" doc:"lets a container that exited by itself be started; one that somebody stopped never is"`
	StopTimeout       time.Duration `hw:"stop_timeout" doc:"how long the container may take to stop before it is killed; default: the container's own, else 10s"`
	Signal            string        `hw:"signal" doc:"signal that asks the container to stop; default: the container's own; needs Docker 23 (API 1.42)"`
	StartAgainFor     time.Duration `hw:"start_again_for" default:"30m" doc:"how long a container that a restart has stopped, and that does not start, is started again; then a person is called"`
	MinDown           time.Duration `hw:"min_down" default:"0" doc:"how long the container stays stopped before it is started again, such as until a validator's votes have expired; the restart is then a stop and a start"`
	AllowRM           bool          `hw:"allow_rm" default:"false" doc:"lets a container that was made with --rm be restarted; one that then does not start is deleted by Docker"`
	AllowSwarm        bool          `hw:"allow_swarm" default:"false" doc:"lets a task of a swarm service be restarted, which the orchestrator may do at the same time"`
}

// maxStopTimeout and maxStartAgain bound what is a slip of the pen above.
const (
	maxStopTimeout = time.Hour
	maxStartAgain  = 24 * time.Hour
	maxMinDown     = time.Hour
)

var _ sdk.ActTimer = (*Config)(nil)

// Validate contacts nothing.
func (c *Config) Validate() error {
	errs := []error{c.validateHost("docker_host", c.DockerHost)}
	if c.DockerControlHost != "" {
		errs = append(errs, c.validateHost("docker_control_host", c.DockerControlHost))
	}
	if c.StopTimeout < 0 || c.StopTimeout > maxStopTimeout {
		errs = append(errs, sdk.AttributeError(fmt.Errorf("%s is out of range", c.StopTimeout), "from 1s to 1h", "stop_timeout"))
	}
	if c.StartAgainFor < 0 || c.StartAgainFor > maxStartAgain {
		errs = append(errs, sdk.AttributeError(fmt.Errorf("%s is out of range", c.StartAgainFor), "from 0 to 24h", "start_again_for"))
	}
	if c.MinDown < 0 || c.MinDown > maxMinDown {
		errs = append(errs, sdk.AttributeError(fmt.Errorf("%s is out of range", c.MinDown), "from 0 to 1h", "min_down"))
	}
	if c.Signal != "" && !isSignal(c.Signal) {
		errs = append(errs, sdk.AttributeError(fmt.Errorf("%q is no signal", c.Signal), `such as "SIGINT" or "2"`, "signal"))
	}
	return errors.Join(errs...)
}

// ActTakes is the longest that a restart takes with this config, where the
// container has no longer time to stop of its own.
func (c *Config) ActTakes() time.Duration { return c.actTakes(docker.Container{}) }

// actTakes is the longest that a restart of this container takes.
func (c *Config) actTakes(of docker.Container) time.Duration {
	return time.Duration(c.seconds(of))*time.Second + killBudget + c.MinDown + startBudget + claimWindow + answerMargin
}

// validateHost checks an address together with the TLS variables.
func (c *Config) validateHost(attribute, host string) error {
	_, err := docker.NewConnection(host, os.Getenv)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, docker.ErrPlainTLS):
		return sdk.AttributeError(err, "set DOCKER_TLS_VERIFY=1", attribute)
	}
	if host == "" {
		host = os.Getenv("DOCKER_HOST")
		err = fmt.Errorf("DOCKER_HOST: %w", err)
	}
	return sdk.AttributeError(err, docker.HostHint(host), attribute)
}

// isSignal reports whether s looks like a signal's name or number.
func isSignal(s string) bool {
	if strings.Trim(s, "0123456789") == "" {
		return len(s) <= 2
	}
	name := strings.TrimPrefix(s, "SIG")
	return name != "" && len(name) <= 10 && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-") == ""
}
