package malloc

// exact takes what is asked: no header, no rounding. It shows what containers ask for, apart from
// what an allocator makes of it.
type exact struct{}

func (exact) Name() string          { return "exact" }
func (exact) Usage(n uint64) uint64 { return n }
