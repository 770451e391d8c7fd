// Package trace writes chains of references as Go expressions.
//
// # Words
//
// A chain begins at a root and goes from edge to edge of the graph of blocks that a walk recorded
// (walker.Graph, with Entries and Slots). A cursor is a place in memory with its type and the
// expression for it. Each edge says where its word lies: the cursor goes there by the type's own
// offsets, and then to where the word leads.
//
// Memory is read again, as it is now: the value must not have changed since it was walked.
package trace
