//go:build !memsize_portable

package swiss_test

const portable = false
