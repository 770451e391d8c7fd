package snapshot

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
)

// Merge is the census of several streams read one after the other: counts, lengths, evidence and
// warnings together, and what follows from them judged anew. Offsets and message numbers go on
// from stream to stream, in the order given; the limit of biggest entries is the smallest of any.
// What is exact in each is exact in all, lengths beyond the number that a site keeps apart (see
// the package's definitions). It is Incomplete, with the first Err, where any of them is. The
// censuses are not modified. The error says which of them cannot be merged.
func Merge(list ...*Census) (*Census, error) { return MergeSeq(slices.Values(list)) }

// MergeSeq is Merge of censuses that need not all be in memory at once: each is done with when the
// next is asked for.
func MergeSeq(list iter.Seq[*Census]) (*Census, error) {
	o := defaults()
	o.maxMemory = math.MaxInt64 // what is merged is in memory already
	b := newReplay(context.Background(), o)
	i := 0
	for c := range list {
		i++
		if c == nil || len(c.places) == 0 && len(c.Roots) > 0 {
			return nil, fmt.Errorf("snapshot: census %d was not made by Scan or Merge", i)
		}
		if err := b.try(func() error { b.census(c); return nil }); err != nil {
			return nil, fmt.Errorf("snapshot: census %d: %w", i, err)
		}
	}
	if i == 0 {
		return nil, errors.New("snapshot: nothing to merge")
	}
	c, _ := b.done() // its error, if any, is one that a scan ended with
	return c, nil
}

// census replays a census in memory.
func (b *replay) census(c *Census) {
	b.next()
	b.stream(c.stream())
	types, sites, order := c.record()
	for _, t := range types {
		b.typ(t)
	}
	for _, s := range sites {
		b.site(s)
	}
	b.order(order, c.Bytes)
}
