package config

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// overlay lays a monitor's own body over that of defaults. Its own attributes
// win one by one, inside its blocks too, target included. A rule is one thing:
// the monitor's own replaces that of the same name.
//
// Everything keeps its place in the file, so that a mistake is reported where
// it stands.
func overlay(base, own *hclsyntax.Body) *hclsyntax.Body {
	merged := &hclsyntax.Body{
		Attributes: maps.Clone(base.Attributes),
		SrcRange:   own.SrcRange,
		EndRange:   own.EndRange,
	}
	if merged.Attributes == nil {
		merged.Attributes = hclsyntax.Attributes{}
	}
	maps.Copy(merged.Attributes, own.Attributes)
	for _, block := range base.Blocks {
		if counterpart(own.Blocks, block) == nil {
			merged.Blocks = append(merged.Blocks, block)
		}
	}
	for _, block := range own.Blocks {
		merged.Blocks = append(merged.Blocks, overlayBlock(base, block))
	}
	slices.SortStableFunc(merged.Blocks, func(a, b *hclsyntax.Block) int {
		return a.TypeRange.Start.Byte - b.TypeRange.Start.Byte
	})
	return merged
}

func overlayBlock(base *hclsyntax.Body, own *hclsyntax.Block) *hclsyntax.Block {
	under := counterpart(base.Blocks, own)
	if under == nil || own.Type == "rule" {
		return own
	}
	merged := *own
	merged.Body = overlay(under.Body, own.Body)
	return &merged
}

// counterpart finds the block of the same type and name.
func counterpart(blocks hclsyntax.Blocks, wanted *hclsyntax.Block) *hclsyntax.Block {
	at := slices.IndexFunc(blocks, func(b *hclsyntax.Block) bool {
		return b.Type == wanted.Type && slices.Equal(b.Labels, wanted.Labels)
	})
	if at < 0 {
		return nil
	}
	return blocks[at]
}
