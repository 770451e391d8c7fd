//go:build !race

package memsize_test

const raceDetector = false
