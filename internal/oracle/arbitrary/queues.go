//go:build !memsize_portable

package arbitrary

// FillsChannels tells whether elements wait in the channels of random graphs.
const FillsChannels = true
