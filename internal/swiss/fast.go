//go:build !memsize_portable

package swiss

const portable = false
