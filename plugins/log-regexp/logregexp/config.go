package logregexp

// Config is the config block of the parser.
type Config struct {
	Preset   string    `hw:"preset" oneof:"agave besu bitcoin cometbft erigon geth lighthouse nethermind nimbus op-node prysm reth solana teku" doc:"ready-made patterns for a node"`
	Ignore   []string  `hw:"ignore" doc:"expressions: a message that one of them matches says nothing, whatever the patterns find in it"`
	Patterns []Pattern `hw:"pattern" doc:"what a line means; one with the name of a pattern of the preset takes its place"`
}

// Pattern says what the lines mean that an expression matches.
type Pattern struct {
	Name    string `hw:"name,required" doc:"what messages call the pattern"`
	Enabled bool   `hw:"enabled" default:"true" doc:"false leaves the pattern out, also one of the preset"`
	// Match and Unless are regular expressions in the syntax of RE2.
	Match     string   `hw:"match" doc:"a regular expression (RE2); the message begins at ^, and each named group is a field of an event or a fact of that name"`
	Unless    string   `hw:"unless" doc:"a second expression, which the message must not match"`
	WholeLine bool     `hw:"whole_line" doc:"match the line as it stands, with its stamp and level, not the message alone"`
	Events    []string `hw:"events" oneof:"imported best finalized prepared sealed major_sync not_major_sync session node_started fatal" doc:"what the line says; most events need a group number"`
	Cause     string   `hw:"cause" doc:"of a fatal event: a short word for the cause; the pattern's name if not given"`
	Cures     bool     `hw:"restart_cures" doc:"of a fatal event: whether a restart may help; without it, headwatch restarts nothing for the rest of the run"`
	Facts     []Fact   `hw:"fact" doc:"a named value that is no plain number, or not called like its group"`
}

// Fact is a value that rules read as fact.NAME.
type Fact struct {
	Name  string  `hw:"name,required" doc:"rules read it as fact.NAME"`
	Group string  `hw:"group" doc:"the group that holds it; the one of the fact's name if not given"`
	Value string  `hw:"value" doc:"a constant, in place of a group"`
	Type  string  `hw:"type" default:"number" oneof:"number duration quantity bool string" doc:"how the text is read: 15,500 or 0x1f as a number, 1m30s or 3 hrs 12 mins as seconds, 1.2MiB/s as a number of its unit"`
	Scale float64 `hw:"scale" default:"1" doc:"what a number is multiplied by"`
}

// Validate says everything that is wrong with the block.
func (c *Config) Validate() error {
	_, err := compile(c)
	return err
}
