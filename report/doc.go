// Package report prices what a walk finds and arranges the figures: in total, by part, by type
// and by path.
//
//	walk   ── findings ──► Tally ── Live, Heap ──► []Place ─┐
//	census ── package account ───────────────────► []Place ─┴─ Build ──► Report
//
//	Report ──► text, Markdown, JSON, package pprof      two Reports ── Compare ──► Diff
//
// A Tally is the walker's sink: it prices findings under one or several models of equal reach. A
// Report is the account made from it, or from a census. In every view the same bytes are counted
// once: the types sum to the total, the tree's own bytes sum to the total, the five parts sum to the
// total.
//
// All figures are bytes unless their name says otherwise.
package report
