// Package fuzzing is what fuzz targets of formats share. A fuzzer that changes any byte of a format finds
// little but what is rejected at once. So the inputs here are not bytes: an input says which valid text or
// value to begin with, and which few edits to make, such that most inputs get past the parser. Each target
// counts how many do.
package fuzzing

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Input is what a target makes one text of its format from.
type Input struct {
	Which int    // of the valid texts or types that the target knows; the target takes it modulo their number
	Seed  uint64 // for a target that makes random values; the others ignore it
	Edits []byte // what to change; none leaves the text valid
}

// Check makes a text of an input, reads it, and holds what was read against what is known. It tells
// whether the text got past parsing.
type Check func(t *testing.T, in Input) (parsed bool)

// Run is a fuzz target that begins with so many inputs. Where MEMSIZE_FUZZ_COUNTS names a folder, each
// process that fuzzes keeps a line there: the target's name, how many inputs it tried, and how many of
// these got past parsing.
func Run(f *testing.F, inputs int, check Check) {
	for i := range inputs {
		f.Add(uint16(i), uint64(i), []byte{})
		f.Add(uint16(i), uint64(i)+1000, []byte{0, byte(3 * i), 1, 0})
	}
	counts := counter{name: f.Name()}
	if folder := os.Getenv("MEMSIZE_FUZZ_COUNTS"); folder != "" {
		counts.file = filepath.Join(folder, fmt.Sprintf("%s-%d", f.Name(), os.Getpid()))
	}
	f.Fuzz(func(t *testing.T, which uint16, seed uint64, edits []byte) {
		counts.add(check(t, Input{int(which), seed, edits}))
	})
}

// counter counts the inputs of one process, which tries them one after the other.
type counter struct {
	name, file    string
	tried, parsed int
}

// counted is how many inputs go by before the file is written again: a process may end at any time.
const counted = 200

func (c *counter) add(parsed bool) {
	c.tried++
	if parsed {
		c.parsed++
	}
	if c.file != "" && c.tried%counted == 0 {
		line := fmt.Sprintf("%s %d %d\n", c.name, c.tried, c.parsed)
		if err := os.WriteFile(c.file, []byte(line), 0o600); err != nil {
			panic(err) // a folder that is not there
		}
	}
}

// Try runs a target on so many random inputs, which are the same each time, and fails unless more than
// half of them get past parsing.
func Try(t *testing.T, rounds int, check Check) {
	t.Helper()
	r := rand.New(rand.NewPCG(11, 12))
	parsed := 0
	for i := range rounds {
		edits := make([]byte, 4*[]int{0, 1, 1, 2}[r.IntN(4)])
		for i := range edits {
			edits[i] = byte(r.Uint32())
		}
		if check(t, Input{i, r.Uint64(), edits}) {
			parsed++
		}
	}
	t.Logf("%d inputs: %d get past parsing", rounds, parsed)
	require.Greater(t, 2*parsed, rounds)
}
