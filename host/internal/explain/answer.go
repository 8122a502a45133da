package explain

// Answer is an explanation with where it comes from.
type Answer struct {
	Source Source `json:"source"`
	Explanation
}

// Source is where an explanation comes from.
type Source struct {
	// From is "host", "recording" or "trace".
	From string `json:"from"`
	// Address is that of the host that was asked.
	Address string `json:"address,omitempty"`
	// Files are the traces that the check was made from anew.
	Files []string `json:"files,omitempty"`
	// Recorded is what the recording host came to, where this is something else.
	Recorded string `json:"recorded,omitempty"`
	// NoHost says why no running host was asked.
	NoHost string `json:"no_host,omitempty"`
}

// The sources of an explanation.
const (
	FromHost      = "host"
	FromRecording = "recording"
	FromTrace     = "trace"
)
