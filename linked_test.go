//go:build !memsize_portable

package memsize_test

const portableBuild = false
