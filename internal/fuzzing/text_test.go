package fuzzing_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/fuzzing"
)

func TestNumbers(t *testing.T) {
	const text = `{"a":[1,23],"b":4}`
	require.Equal(t, text, fuzzing.Numbers(text, nil))
	require.Equal(t, text, fuzzing.Numbers(text, []byte{0, 0}), "half an edit is none")
	require.Equal(t, `{"a":[7,23],"b":4}`, fuzzing.Numbers(text, []byte{0, 0, 7, 0}))
	require.Equal(t, `{"a":[1,25],"b":4}`, fuzzing.Numbers(text, []byte{0, 2, 5, 0}))
	require.Equal(t, `{"a":[1,2null],"b":4}`, fuzzing.Numbers(text, []byte{0, 2, 3*16 + 15, 0}))
	require.Equal(t, `0"a":[1,23],"b":4}`, fuzzing.Numbers(text, []byte{0, 0, 0, 63}))
	require.Equal(t, "no digit", fuzzing.Numbers("no digit", []byte{0, 0, 0, 0}))
}

func ExampleRepeat() {
	fmt.Println(fuzzing.Repeat(`{"a":[1,2,3]}`, 1, 2))
	// Output: {"a":[1,2,2,2,3]}
}
