// Package redact takes secrets out of what is written and shown: the values that
// plugins call sensitive, and of addresses all but scheme and host. It never
// changes what is not secret.
package redact
