package snapshot

import "math"

// Option sets a limit of a scan, or how much it keeps.
type Option func(*options)

// options are the limits of one scan.
type options struct {
	maxInput   int64
	maxMemory  int64
	maxDepth   int
	maxSites   int
	biggest    int
	notes      int // of values in their order
	bufferSize int
	progress   func(read int64)
}

func defaults() options {
	return options{
		maxInput: 1<<63 - 1, maxMemory: 20 << 20, maxDepth: 1 << 18,
		maxSites: math.MaxInt, biggest: 20, notes: maxNotes, bufferSize: bufferSize,
	}
}

// MaxInput stops the scan with ErrLimit after so many bytes of gob, counted after
// decompression. Default: none.
func MaxInput(bytes int64) Option { return func(o *options) { o.maxInput = bytes } }

// MaxMemory bounds what the scan keeps in bytes: types, sites, names, lengths, biggest entries
// and the stack of open values. It is an estimate that errs upwards; buffers and the
// decompressor come on top. Default: 20 MiB.
func MaxMemory(bytes int64) Option { return func(o *options) { o.maxMemory = bytes } }

// MaxDepth bounds how many values of different shape are open at once. A run of equal ones (a
// linked list, a chain of pointers) counts once, whatever its length. Default: 2^18.
func MaxDepth(frames int) Option { return func(o *options) { o.maxDepth = frames } }

// MaxSites bounds how many sites the census gets: fields of structs, dynamic types of interfaces,
// elements. What is made of a census grows with them: an account takes some KB for each. Default:
// none but MaxMemory's.
func MaxSites(n int) Option { return func(o *options) { o.maxSites = n } }

// Biggest sets how many of the biggest entries each container site keeps. Default: 20.
func Biggest(n int) Option { return func(o *options) { o.biggest = n } }

// Progress calls f now and then with the bytes read from the reader so far.
func Progress(f func(read int64)) Option { return func(o *options) { o.progress = f } }
