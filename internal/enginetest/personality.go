package enginetest

// Personality is how one version of the engine behaves where versions differ.
type Personality struct {
	// Version is what the Server header says.
	Version string
	// MinAPI and MaxAPI are the versions of the API that it answers to.
	MinAPI, MaxAPI string
	// SinceOnce lets older stamps pass behind the first line that since lets
	// through, as engines do from 24.0 on.
	SinceOnce bool
	// EarlyFirstLine stamps the start of a run after the program's first
	// lines, as engines before 27.0 do.
	EarlyFirstLine bool
	// CancelLeavesStopped makes a restart whose client has left stop the
	// container and not start it, as 24.0.0 to 24.0.6 do.
	CancelLeavesStopped bool
}

// Docker20 is Docker 20.10.24, as Debian 12 has it.
func Docker20() Personality {
	return Personality{Version: "20.10.24", MinAPI: "1.12", MaxAPI: "1.41", EarlyFirstLine: true}
}

// Docker24 is Docker 24.0.6.
func Docker24() Personality {
	return Personality{Version: "24.0.6", MinAPI: "1.12", MaxAPI: "1.43", SinceOnce: true, EarlyFirstLine: true, CancelLeavesStopped: true}
}

// Docker28 is Docker 28.5.
func Docker28() Personality {
	return Personality{Version: "28.5.2", MinAPI: "1.24", MaxAPI: "1.51", SinceOnce: true}
}
