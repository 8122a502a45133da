package sdk

// Info says who a plugin is.
type Info struct {
	// Name is what operators know the plugin by, such as "docker-restart".
	Name string
	// Version is the plugin's own, such as "1.4.0".
	Version string
	// Description is one sentence on what it does.
	Description string
	// Kinds is filled in by the SDK.
	Kinds []Kind
	// Features are additions to the protocol that the plugin knows; filled in
	// by the SDK.
	Features []string
	// Examples are configurations and targets for a conformance test, which
	// configures the plugin with each and calls it. They name nothing that is
	// real: an endpoint on the loopback interface, a target that is missing or
	// that the plugin makes up itself.
	Examples []Example
}

// Kind is what a plugin can serve.
type Kind string

// The kinds, as the blocks of a configuration call them.
const (
	KindHeadSource Kind = "head_source"
	KindLogSource  Kind = "log_source"
	KindLogParser  Kind = "log_parser"
	KindAction     Kind = "action"
)

// Example is a configuration that a conformance test may use.
type Example struct {
	// Name tells the examples of a plugin apart.
	Name string
	// Config and Target are JSON objects; empty where there is none.
	Config, Target string
	// Lines are log lines for a parser.
	Lines []string
	// Missing says that the target exists nowhere. A test then expects Inspect
	// to say so, and Execute to do nothing.
	Missing bool
	// Disposable says that the target is there for tests alone. A test acts on
	// no other.
	Disposable bool
}

// Schema is what a config or target block may hold.
type Schema struct {
	Attributes []Attribute
	Blocks     []Block
}

// AttributeType is the type of a value in HCL.
type AttributeType string

// The types of attributes. A duration is "90s" or a number of seconds in HCL,
// and a number of seconds in JSON.
const (
	TypeString     AttributeType = "string"
	TypeInteger    AttributeType = "integer"
	TypeNumber     AttributeType = "number"
	TypeBool       AttributeType = "bool"
	TypeDuration   AttributeType = "duration"
	TypeStringList AttributeType = "list(string)"
	TypeStringMap  AttributeType = "map(string)"
)

// Attribute is one attribute of a [Schema].
type Attribute struct {
	Name string
	Type AttributeType
	// Required says that it must be given; then it has no default.
	Required bool
	// Default is JSON; empty where there is none.
	Default string
	// Description is one sentence.
	Description string
	// Sensitive says that the value is never shown.
	Sensitive bool
	// Deprecated says what to use instead; empty while it is current.
	Deprecated string
	// Allowed are the strings it may be, or each of a list; empty for any.
	Allowed []string
}

// Block is a nested block of a [Schema].
type Block struct {
	Name   string
	Schema Schema
	// Required says that it must stand there, Repeated that it may do so more
	// than once.
	Required, Repeated bool
	// Description is one sentence.
	Description string
}
