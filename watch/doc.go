// Package watch keeps a set of named live values, with the locks that guard them: what every
// surface of a running program reads (the debug page of memsizehttp, metrics, logs).
//
// # Words
//
// A root is a value under a name. It is guarded by locks (Lock) or by a function that keeps it
// still (Within). A walk measures one root, or all of them in one account, while it holds what
// guards them: one root only its own guards, all roots each distinct guard once, in the order in
// which the roots were added. Code that takes several of these locks must take them in that order.
//
// # What a walk may cost
//
// A program that writes a value waits while the value is walked. So there is one walk at a time
// (ErrBusy), each walk tells how long the guards were held (Cost), and that predicts what the next
// will take: as many nanoseconds a byte, for the newest number of bytes that is known. A root with
// a Budget is never knowingly locked for longer: a walk that is expected to take more is refused
// (a *BudgetError says why), and one that does take more is stopped; so is one whose context ends
// before. A prediction is believed for a thousand budgets; then one walk may try anew; meanwhile
// Estimate tells about what the root holds. A walk of all roots has the smallest budget of any,
// for each is locked as long as the walk takes.
//
// # What is kept
//
// The last report of each root and of all roots, the one before it, a baseline if one was chosen,
// an estimate if no report is newer, and a ring of the last 128 totals. Nothing is walked in the background: whoever wants fresh
// figures calls Scan.
//
// A Watch keeps its roots alive. All methods are safe for concurrent use; none of them may be
// called by code that holds a lock which guards a root.
package watch
