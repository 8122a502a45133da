// Package faulty is a sound plugin of all kinds with one fault at a time, each
// named after the check of the conformance kit that must find it. It is for
// the kit's own tests, and for "make broken-plugins".
//
// Most of the faults could not be made with package sdk: a relay stands between
// the plugin and the host, and spoils what passes. Nothing outside of the
// process is ever touched.
package faulty
