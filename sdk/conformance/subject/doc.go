// Package subject starts the plugin that is to be tested, as a process of its own
// or within this one, and speaks to it. It keeps what the plugin says and logs. It
// judges nothing but the start.
package subject
