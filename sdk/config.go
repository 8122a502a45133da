package sdk

import "context"

// Configurable is an optional interface of every plugin: it takes the config
// block.
//
// Config returns a pointer to a struct that describes the block, the same at
// each call. The SDK publishes its schema to the host, which checks the
// operator's file against it, and fills it before Start. Fields are exported
// and of type string, bool, int, int64, uint64, float64, [time.Duration],
// []string, map[string]string, a struct (a nested block) or a slice of structs
// (a block that may be repeated). Tags:
//
//	hw:"name"              the attribute's or block's name; a field without it is left out
//	hw:"name,required"     it must be given
//	hw:"name,sensitive"    it is never shown
//	default:"10s"          its value when not given, as it would stand in HCL, lists as JSON
//	doc:"one sentence"     for listings and errors
//	oneof:"a b c"          the strings it may be, or those that a list may hold
//	deprecated:"use x"     the host warns when it is given
//
// Where the pointer has a method Validate() error, it is called on each
// configuration before it is taken, on a fresh copy; it contacts nothing and
// answers with the errors of [AttributeError], several by [errors.Join].
// The same holds for the struct of a target.
type Configurable interface {
	Config() any
}

// Starter is an optional interface of every plugin. Start is called once, when
// the configuration is filled in and before any other call. It must return
// soon and must not wait for an endpoint: what is not there yet is an error of
// the calls that need it. ctx is done when the plugin ends. An error of
// AttributeError is shown at its place in the operator's file.
type Starter interface {
	Start(ctx context.Context) error
}
