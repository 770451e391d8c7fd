package zoo

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/bitcoin-mem/memsize"
)

// TestRandomTypesAreOfTheSeed: a figure of a random type can be measured again.
func TestRandomTypesAreOfTheSeed(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(randomTypes) {
		first, again := newMaker(seed).structType(3), newMaker(seed).structType(3)
		if first != again {
			t.Errorf("seed %d: two types", seed)
		}
		seen[first.String()] = true
	}
	if len(seen) < randomTypes*9/10 {
		t.Errorf("only %d of %d types differ", len(seen), randomTypes)
	}
}

// TestNamesAreUnique: a shape is measured in another process by its name.
func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Shapes() {
		if seen[s.Name] {
			t.Errorf("two shapes are called %q", s.Name)
		}
		seen[s.Name] = true
	}
}

// TestTwinsShareNothing: the twin of a shape in which memory is shared takes more memory. Not so that of
// substrings: copies of short words lie as close as in their text, and without the spaces.
func TestTwinsShareNothing(t *testing.T) {
	for _, s := range []func(bool) any{keyIsAField, twoIndexes, overlapping, tokens} {
		if shared, copies := memsize.Heap(s(false)), memsize.Heap(s(true)); copies <= shared {
			t.Errorf("%d bytes shared, %d copied", shared, copies)
		}
	}
}

// TestMeasure measures a small shape: the figures are there, and are those of the value.
func TestMeasure(t *testing.T) {
	var out bytes.Buffer
	s := Shape{"small", "shape", func() any { return strings.Fields(strings.Repeat("word ", 1000)) }}
	if err := measure(&out, s, 1); err != nil {
		t.Fatal(err)
	}
	var r Result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.HeapSays < 16000 || r.Heap <= 0 || r.Of <= 0 || r.Scan <= 0 || r.Collection <= 0 {
		t.Errorf("%+v", r)
	}
}
