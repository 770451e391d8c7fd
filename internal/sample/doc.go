// Package sample estimates what a live value holds from a part of it, with an interval.
//
// # Words
//
// An element is what a container has many of: the element of a slice, the entry of a map, the one
// pointee of a pointer. To read an element is to look at the words in it that lead somewhere, and so
// to know the containers behind them: their lengths, capacities, prices and places in memory, but
// not what is in them. A region is a container whose elements were not read. A population is all
// regions whose elements are of one type; a unit is what is drawn from it, each with the same chance: an
// element of a slice, or an entry from a random group of a map.
//
// # How
//
// Reading begins at the root with what is smallest, so that all that is few is read in full (the
// frontier), each block once. What is left is populations. Of each, units are drawn without
// replacement, as many of one as of another, and below each unit all is read, up to a limit.
//
// # The interval
//
// All bounds hold for any distribution, and for 95 % of the draws at least. No normal distribution is
// assumed, of which a heavy tail would make a fool.
//
// Low has what was read, each block once, and what must be there if that much was found in so many
// units. That is a lower bound of a mean (empirical Bernstein, of values cut off at the largest seen),
// less what may be shared: units that lead to the same blocks count them once. How much is shared
// is bounded by how often drawn units met each other's blocks: if T is what distinct blocks take, X
// what all units lead to, and S what pairs of units share, then T >= X - S, and more where much is shared
// (the inequality of Dawson and Sankoff), block class by block class. That m units share nothing says
// that n units share at most 4.4 n²/m² blocks: little where n is much more than m²/44.
//
// High takes each reference that was not read to lead to a block of its own. It is finite where types
// bound what lies behind an element, or where all lengths were read, which is done where it is cheap.
// Under the model of this process's heap types bound nothing, for a reference keeps its whole block;
// there, with a budget of time, the heap's own statistics bound what cannot have been seen: there are
// only so many bytes in blocks beyond some size. Elsewhere High is infinite, and Reason says why.
package sample
