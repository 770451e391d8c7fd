package memsize

// Sorted begins with the walk that logs and sorts every extent, which other walks only fall back
// to: the same tests hold both.
func Sorted() Option { return func(o *options) { o.sorted = true } }

// NoRawMaps goes through maps by reflect2, as where their layout is not known.
func NoRawMaps() Option { return func(o *options) { o.noRawMaps = true } }
