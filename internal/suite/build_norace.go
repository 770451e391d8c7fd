//go:build !race

package suite

// RaceDetector tells that the race detector watches this program. Then sync.Pool drops things on
// purpose, so that allocations prove nothing.
const RaceDetector = false
