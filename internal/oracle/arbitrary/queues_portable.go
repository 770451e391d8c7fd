//go:build memsize_portable

package arbitrary

// FillsChannels tells whether elements wait in the channels of random graphs. The portable build
// cannot see what waits without taking it: it counts such channels as unaccounted.
const FillsChannels = false
