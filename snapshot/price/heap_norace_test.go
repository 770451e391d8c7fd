//go:build !race

package price_test

const underRace = false
