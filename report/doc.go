// Package report is the account of a value as data, and its views.
//
//	package account ──► Report ──► text, Markdown, JSON, page, package pprof
//	two Reports ── Compare ──► Diff ──► text, Markdown, JSON, page
//
// A Report tells what a value holds: in total, by part, by type and by path. In every view the same
// bytes are counted once: the types sum to the total, the tree's own bytes sum to the total, and the
// five parts sum to the total.
//
// All figures are bytes unless their name says otherwise.
package report
