// Package seed gives property tests their seed.
package seed

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// Of is MEMSIZE_SEED, else the time. It is logged, so that a run that failed can be had again.
func Of(t testing.TB) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("MEMSIZE_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("MEMSIZE_SEED: %v", err)
		}
	}
	t.Logf("MEMSIZE_SEED=%d", seed)
	return seed
}
