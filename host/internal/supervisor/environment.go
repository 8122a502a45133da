package supervisor

import "os"

// usualVariables are what every plugin sees of the host's environment.
func usualVariables() []string {
	return []string{
		"PATH", "HOME", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR",
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
		"http_proxy", "https_proxy", "no_proxy", "all_proxy",
	}
}

// Environment is what a plugin sees of the host's: the usual few, and those that
// its block names, as NAME=value.
func Environment(named []string) []string {
	var env []string
	for _, name := range append(usualVariables(), named...) {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}
