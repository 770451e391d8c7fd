package main

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/dwarftest"
)

// TestHostilePrograms takes types from programs that were made to break their reader, each within the
// memory and, in the long runs, the time that every file has.
func TestHostilePrograms(t *testing.T) {
	b := build(t)
	for name, program := range dwarftest.Hostile() {
		t.Run(name, func(t *testing.T) {
			spent, messages := b.run(t, nil, snapshotFile("utxo.gob"), "--binary", writeFile(t, "program", program))
			t.Logf("%d KB, exit %d, %.1f MiB, %v: %.300s", len(program)>>10, spent.Code, float64(spent.Peak)/(1<<20),
				spent.CPU, messages)
			require.Contains(t, []int{exitOK, exitUsage}, spent.Code)
			require.LessOrEqual(t, spent.Peak, int64(64<<20))
			if os.Getenv(limitsVariable) != "" {
				require.LessOrEqual(t, spent.CPU, 2*time.Second)
			}
		})
	}
}
