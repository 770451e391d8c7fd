// Package account is the middle of memsize: it turns what a source has found into figures, and
// arranges the figures as a report.
//
// A source is a walk of a live value (package walker) or the scan of a snapshot (package snapshot).
// What a source finds are containers: Go values that own memory beyond themselves. A price is what
// package rules says that one container costs, in five parts that sum to its total.
//
//	walker   ── findings ──► Tally ── Live, Heap ──► []Place ─┐
//	snapshot ── census ── package snapshot/price ► []Place ─┴─ Build ──► report.Report
//
// A Policy tells the walker what models follow. A Tally is the walker's Sink: it prices findings
// under one or several models of equal reach, that is, under models that follow the same references.
// A Sum is what the containers of one place cost under one model. A Place is what a source knows of
// one place; Build makes the tree, the types and the totals from a list of places. Join makes one
// report of several walks of the same value.
//
// All figures are bytes unless their name says otherwise, and saturate at 2^64-1. Nothing here is
// safe for concurrent use, but for policies.
package account
