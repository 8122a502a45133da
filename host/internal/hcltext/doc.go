// Package hcltext reads files in HCL by a [Grammar]: blocks and attributes with
// their types, defaults and documentation. It says what is wrong with a file,
// with file, line and a hint, and writes the documentation of a grammar.
//
// It knows no block of headwatch. It starts no process, opens no connection and
// reads no variable of the environment but through the [Environment] it is given.
package hcltext
