//go:build memsize_portable

package suite

// Portable tells that this build does not reach into the runtime.
const Portable = true
