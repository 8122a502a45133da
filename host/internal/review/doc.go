// Package review tells people what a replay came to: a [Summary] of one
// configuration, or a [Comparison] of two. It takes verdicts and gives sums and
// words; it judges nothing and knows no file.
package review
