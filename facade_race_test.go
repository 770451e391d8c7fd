//go:build race

package memsize_test

// Under the race detector sync.Pool drops things on purpose: allocations prove nothing then.
const raceDetector = true
