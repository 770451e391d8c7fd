package snapshot

import "github.com/bitcoin-mem/memsize/internal/gotype"

// Type is a Go type as far as a gob stream, or a [Layout], tells it. It implements [rules.Type]. Types
// of one census are canonical: equal pointers are the same type. They are immutable once the census
// is built, and their names are escaped.
type Type = gotype.Type
