package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/headwatch/headwatch/host/internal/supervisor"
	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/launch"
	"github.com/headwatch/headwatch/sdk/wire"
)

// Describe starts a plugin and asks what it says of itself. Together with an
// error it returns what is known all the same.
func Describe(ctx context.Context, plugins *supervisor.Supervisor, path string) (Listing, error) {
	listing := Listing{Path: path, Kinds: []string{}, Features: []string{}}
	ctx, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	spec := supervisor.Spec{Block: filepath.Base(path), Path: path, MTLS: true, Timeout: openWithin}
	opened, err := plugins.Open(ctx, spec)
	if errors.Is(err, launch.ErrPlain) {
		spec.MTLS = false
		opened, err = plugins.Open(ctx, spec)
	}
	if err != nil {
		return listing, err
	}
	defer opened.Close()
	var info sdk.Info
	var config, target sdk.Schema
	err = opened.Ask(ctx, func(ctx context.Context, c *wire.Client) (err error) {
		if info, err = c.Info(ctx); err != nil {
			return fmt.Errorf("ask plugin %s who it is: %w", path, err)
		}
		if config, target, err = c.Schema(ctx); err != nil {
			return fmt.Errorf("ask plugin %s for its schema: %w", path, err)
		}
		return nil
	})
	if err != nil {
		return listing, err
	}
	listing.Name, listing.Version, listing.Description = info.Name, info.Version, info.Description
	listing.MTLS = spec.MTLS
	listing.Protocol = wire.Handshake().ProtocolVersion
	listing.Features = append(listing.Features, info.Features...)
	for _, kind := range info.Kinds {
		listing.Kinds = append(listing.Kinds, string(kind))
	}
	listing.Config, listing.Target = listSchema(config), listSchema(target)
	listing.SHA256, err = supervisor.Checksum(path)
	return listing, err
}

// Listing is what is told of one plugin.
type Listing struct {
	Path        string   `json:"path"`
	Name        string   `json:"name,omitempty"`
	Version     string   `json:"version,omitempty"`
	Description string   `json:"description,omitempty"`
	Kinds       []string `json:"kinds"`
	Protocol    uint     `json:"protocol,omitempty"`
	// MTLS says whether it encrypts its connection; one that does not needs
	// mtls = false in its block.
	MTLS     bool          `json:"mtls"`
	Features []string      `json:"features"`
	SHA256   string        `json:"sha256,omitempty"`
	Config   schemaListing `json:"config"`
	Target   schemaListing `json:"target"`
	// Error says why nothing more is known.
	Error string `json:"error,omitempty"`
}

// schemaListing is what a block may hold.
type schemaListing struct {
	Attributes []attributeListing `json:"attributes,omitempty"`
	Blocks     []blockListing     `json:"blocks,omitempty"`
}

type attributeListing struct {
	Name        string          `json:"name"`
	Type        string          `json:"type"`
	Required    bool            `json:"required,omitempty"`
	Default     json.RawMessage `json:"default,omitempty"`
	Sensitive   bool            `json:"sensitive,omitempty"`
	Deprecated  string          `json:"deprecated,omitempty"`
	Allowed     []string        `json:"allowed,omitempty"`
	Description string          `json:"description,omitempty"`
}

type blockListing struct {
	Name        string `json:"name"`
	Required    bool   `json:"required,omitempty"`
	Repeated    bool   `json:"repeated,omitempty"`
	Description string `json:"description,omitempty"`
	schemaListing
}

func listSchema(s sdk.Schema) schemaListing {
	var l schemaListing
	for _, a := range s.Attributes {
		l.Attributes = append(l.Attributes, attributeListing{Name: a.Name, Type: string(a.Type), Required: a.Required,
			Default: json.RawMessage(a.Default), Sensitive: a.Sensitive, Deprecated: a.Deprecated, Allowed: a.Allowed, Description: a.Description})
	}
	for _, b := range s.Blocks {
		l.Blocks = append(l.Blocks, blockListing{Name: b.Name, Required: b.Required, Repeated: b.Repeated, Description: b.Description,
			schemaListing: listSchema(b.Schema)})
	}
	return l
}

func (l schemaListing) empty() bool { return len(l.Attributes)+len(l.Blocks) == 0 }

// value is what an attribute is when it is not given.
func (a attributeListing) value() string {
	switch {
	case a.Required:
		return "required"
	case len(a.Default) == 0:
		return "-"
	}
	return string(a.Default)
}

// remarks are what is to be known of an attribute beside its description.
func (a attributeListing) remarks() string {
	var words []string
	if len(a.Allowed) > 0 {
		words = append(words, "one of "+strings.Join(a.Allowed, ", "))
	}
	if a.Sensitive {
		words = append(words, "never shown")
	}
	if a.Deprecated != "" {
		words = append(words, "deprecated: "+a.Deprecated)
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, "; ") + ")"
}

func (b blockListing) remarks() string {
	switch {
	case b.Repeated && b.Required:
		return " (at least one)"
	case b.Repeated:
		return " (any number)"
	case b.Required:
		return " (required)"
	}
	return ""
}

// WriteText writes the listing for a terminal.
func (l Listing) WriteText(w io.Writer) error {
	fmt.Fprintf(w, "%s %s  %v\n  %s\n  %s\n  protocol %d%s, sha256 %s\n", l.Name, l.Version, l.Kinds, l.Description, l.Path, l.Protocol, l.plain(), l.SHA256)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	l.Config.writeText(table, "  config")
	l.Target.writeText(table, "  target")
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

func (l Listing) plain() string {
	if l.MTLS {
		return ""
	}
	return ", mtls = false"
}

func (l schemaListing) writeText(w io.Writer, what string) {
	for _, a := range l.Attributes {
		fmt.Fprintf(w, "%s.%s\t%s\t%s\t%s%s\n", what, a.Name, a.Type, a.value(), a.Description, a.remarks())
	}
	for _, b := range l.Blocks {
		fmt.Fprintf(w, "%s.%s\tblock\t-\t%s%s\n", what, b.Name, b.Description, b.remarks())
		b.writeText(w, what+"."+b.Name)
	}
}

// WriteMarkdown writes a page that is the same wherever the plugin lies.
func (l Listing) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", l.Name, sentence(l.Description))
	fmt.Fprintf(&b, "Kind: `%s`. Version %s, protocol %d.\n", strings.Join(l.Kinds, "`, `"), l.Version, l.Protocol)
	l.Config.writeMarkdown(&b, "config")
	l.Target.writeMarkdown(&b, "target")
	fmt.Fprintln(&b, "\nThis page is made by `make docs` from what the plugin publishes.")
	_, err := io.WriteString(w, b.String())
	return err
}

func (l schemaListing) writeMarkdown(w io.Writer, block string) {
	if l.empty() {
		return
	}
	fmt.Fprintf(w, "\n## %s\n", block)
	if len(l.Attributes) > 0 {
		fmt.Fprint(w, "\n| attribute | type | default | what it is |\n|---|---|---|---|\n")
	}
	for _, a := range l.Attributes {
		fmt.Fprintf(w, "| `%s` | %s | %s | %s |\n", a.Name, a.Type, inCode(a.value()), cell(a.Description+a.remarks()))
	}
	for _, b := range l.Blocks {
		fmt.Fprintf(w, "\nBlock `%s`%s: %s\n", b.Name, b.remarks(), sentence(b.Description))
	}
	for _, b := range l.Blocks {
		b.writeMarkdown(w, block+" "+b.Name)
	}
}

// inCode sets a default as code; words that are none stay words.
func inCode(value string) string {
	if value == "required" || value == "-" {
		return value
	}
	return "`" + cell(value) + "`"
}

// cell keeps a text within one cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}

func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// Listings are those of several files, in their order.
type Listings []Listing

// DescribeAll describes the plugins of files. One that cannot be described has an
// error of its own.
func DescribeAll(ctx context.Context, files []string) (Listings, error) {
	plugins, err := supervisor.New("", slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer plugins.Close()
	listings := Listings{}
	for _, file := range files {
		listing, err := Describe(ctx, plugins, file)
		if err != nil {
			listing.Error = err.Error()
		}
		listings = append(listings, listing)
	}
	return listings, nil
}

// Write writes the listings for people, as pages of documentation, or as JSON. Those
// with an error are in the JSON only.
func (l Listings) Write(w io.Writer, asJSON, asMarkdown bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(l)
	}
	for _, listing := range l {
		write := listing.WriteText
		if asMarkdown {
			write = listing.WriteMarkdown
		}
		if listing.Error != "" {
			continue
		}
		if err := write(w); err != nil {
			return err
		}
	}
	return nil
}
