package memsize

import (
	"sync"

	"github.com/bitcoin-mem/memsize/rules"
)

// Sorted begins with the walk that logs and sorts every extent, which other walks only fall back
// to: the same tests hold both.
func Sorted() Option { return func(o *options) { o.sorted = true } }

// NoRawMaps goes through maps by reflect2, as where their layout is not known.
func NoRawMaps() Option { return func(o *options) { o.noRawMaps = true } }

// Plain tells that every optimisation is off.
func Plain() bool { return plain != "" }

// BriefOf is what v owns under a model if a session is not needed to say it.
func BriefOf(v any, m *rules.Model) (total uint64, ok bool) {
	root, ok := rootOf("root", v)
	if !ok {
		return 0, true
	}
	c, err := engineOf(m).compile(root.Type)
	if err != nil || c.brief == nil {
		return 0, false
	}
	return c.brief.Total(root)
}

// NoPrefetch walks frame by frame.
func NoPrefetch() Option { return func(o *options) { o.noPrefetch = true } }

// NoBlockMarks has as-if models not ask for blocks.
func NoBlockMarks() Option { return func(o *options) { o.noBlockMarks = true } }

// NoBrief has a session walk the smallest value.
func NoBrief() Option { return func(o *options) { o.noBrief = true } }

// Forget drops a model's sessions, and with them what they know of types that they met.
func Forget(m *rules.Model) {
	e := engineOf(m)
	e.sessions = sync.Pool{New: e.sessions.New}
}
