// Package plugintest tests plugins: it has the conformance kit for Go tests,
// and plays the host for tests of an author's own. It is imported by tests only.
//
// Every plugin should run the kit, which "headwatch test-plugin" runs against
// the built binary too:
//
//	func TestConformance(t *testing.T) {
//		plugintest.HeadSource(t, info(), New)
//	}
//
// New makes a fresh source at each call, as each process has one of its own;
// info is what main gives to sdk.ServeHeadSource. [LogParser], [Action] and
// [LogSource] do the same for the other kinds, and [Binary] tests a program
// with its process. Each check is a subtest, named as in docs/conformance.md,
// which says what it demands.
//
// What the kit configures and asks for are the Examples of info. They name
// nothing real: an endpoint that a test serves, a target that does not exist
// ([sdk.Example].Missing) or that was made for the test
// ([sdk.Example].Disposable, the only one that is ever acted on). A test may
// put its own there before it calls the kit:
//
//	info := info()
//	info.Examples = []sdk.Example{{Config: `{"url":"` + server.URL + `"}`}}
//	plugintest.HeadSource(t, info, New)
//
// A [Host] is for everything else: it serves one value in the process of the
// test, the way the SDK does in a plugin's process, configures it and calls it
// as a host would.
//
//	host := plugintest.ServeLogParser(t, New(), `{"chain":"Parachain"}`)
//	events := host.Parse("imported #1", "imported #2")
package plugintest
