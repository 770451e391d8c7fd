//go:build race

package price_test

// underRace tells that the race detector is on, whose allocator packs no tiny blocks.
const underRace = true
