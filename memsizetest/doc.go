// Package memsizetest checks in tests how much memory values hold.
//
// # What is checked
//
//	AtMost      a value holds no more than so many bytes
//	PerElement  each element that is added costs no more than so many bytes
//	Golden      counts, lengths and bytes are those of a file in testdata
//	Agree       a size that a type computes for itself is what the value holds
//	NoGrowth    an operation leaves nothing behind, however often it is called
//	Report      a benchmark reports bytes held, for benchstat
//
// Figures are those of this process's heap (memsize.Heap), unless a model is named. Nothing is
// estimated from runtime.MemStats, and no collection is forced: what a value holds depends on the
// value alone, so a verdict is the same in each run, under -race and -count, and beside other
// tests. Three things differ from run to run all the same, and limits should leave room for them:
// values below 16 bytes without pointers share blocks with their neighbours; maps of more than 896
// entries split their tables as the seed of their hash has it; and so do the nodes of a sync.Map.
//
// The value must be at rest, as for memsize.Scan.
//
// # What a failure says
//
// The part of the value that is to blame, as a tree with paths, counts and bytes. Sizes are whole
// numbers of bytes with or without a unit: "288", "64KiB", "2MB". One that does
// not parse fails the test at once.
package memsizetest
