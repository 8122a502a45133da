// Package hcltext reads files in HCL by a [Grammar]: blocks and attributes with
// their types, defaults and documentation. It reports every mistake with file, line
// and a hint.
//
// A reader calls [Language.Load], then [Section.Check], then the typed getters of
// the sections, such as [Section.Duration]. Mistakes collect in the [File].
//
// The package knows no block of headwatch. It starts no process, opens no connection
// and reads the environment only through the [Environment] that it is given.
package hcltext
