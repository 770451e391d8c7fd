//go:build !race

package walker

const checked = false
