package truth_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/truth"
)

var sink []any

// TestMeasureKnownSizes: sizes that are size classes themselves are what they are.
func TestMeasureKnownSizes(t *testing.T) {
	defer truth.Quiet()()
	for name, c := range map[string]struct {
		build func() any
		bytes uint64
	}{
		"one page":    {func() any { return new([8192]byte) }, 8192},
		"class of 48": {func() any { return new([6]uint64) }, 48},
		"large":       {func() any { return new([101 << 10]byte) }, 104 << 10},
		"nothing":     {func() any { return new(struct{}) }, 0},
		"garbage beside": {func() any {
			garbage := make([]byte, 1<<20)
			_ = string(garbage)
			return new([64]byte)
		}, 64},
	} {
		bytes, err := truth.Case{Build: c.build}.Measure()
		require.NoError(t, err, name)
		require.Equal(t, c.bytes, bytes, name)
	}
}

// TestMeasureRefusesDisturbance: a builder that leaks is no measurement.
func TestMeasureRefusesDisturbance(t *testing.T) {
	defer truth.Quiet()()
	defer func() { sink = nil }()
	_, err := truth.Case{Build: func() any {
		sink = append(sink, new([512]byte))
		return new(int)
	}}.Measure()
	require.ErrorContains(t, err, "disturbed")
}

// TestMeasureLook: what is looked up meanwhile may allocate.
func TestMeasureLook(t *testing.T) {
	defer truth.Quiet()()
	defer func() { sink = nil }()
	looked := 0
	bytes, err := truth.Case{Build: func() any { return new([64]byte) }, Look: func(any) {
		looked++
		sink = append(sink, new([512]byte))
	}}.Measure()
	require.NoError(t, err)
	require.Equal(t, uint64(64), bytes)
	require.Greater(t, looked, 1)
}

func ExampleCase_Measure() {
	defer truth.Quiet()()
	bytes, err := truth.Case{Build: func() any { return make([]byte, 1000) }}.Measure()
	_ = err
	fmt.Println(bytes > 1024) // the box of the slice is counted as well: give a pointer
	bytes, err = truth.Case{Build: func() any { return new([1000]byte) }}.Measure()
	fmt.Println(bytes, err)
	// Output:
	// true
	// 1024 <nil>
}
