//go:build !memsize_portable

package block_test

const portable = false
