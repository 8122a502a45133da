//go:build !failpoints

// Package failpoint lets a test end this process at a step of an act. Only a
// build with the tag failpoints does that; in any other its functions do
// nothing.
package failpoint

// Hit does nothing.
func Hit(string) {}

// HitSoon does nothing.
func HitSoon(string) {}
