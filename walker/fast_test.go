package walker_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/walker"
)

// What shares no memory but whole containers never needs the walk that sorts: neither where values
// share blocks nor where texts end within a word.
func TestOrdinaryValuesNeedNoSorting(t *testing.T) {
	if !walker.BlocksExact() {
		t.Skip("bitmaps alone cannot tell values apart that share a word")
	}
	numbers, texts, bytes := make([]*int32, 1000), make([]*string, 1000), make([][]byte, 1000)
	for i := range numbers {
		numbers[i] = new(int32)
		text := fmt.Sprint("text number ", i*i)
		texts[i] = &text
		bytes[i] = make([]byte, 1+i%40)
	}
	var decoded any
	require.NoError(t, json.Unmarshal([]byte(`[{"a":[1,2.5,true,null,"text"],"b":{"c":"a longer text"}},
		{"a":[false,"and another text of some length"]}]`), &decoded))
	many := make([]any, 1000)
	for i := range many {
		many[i] = map[string]any{"n": float64(i), "flag": i%2 == 0, "byte": byte(i), "value": decoded}
	}
	for name, v := range map[string]any{
		"pointers to numbers":             numbers,
		"the same twice":                  [2]any{numbers, append([]*int32(nil), numbers...)},
		"pointers to texts":               texts,
		"short slices":                    bytes,
		"the same slices again":           [2]any{bytes, append([][]byte(nil), bytes...)},
		"decoded JSON":                    many,
		"a small value of shared numbers": numbers[:5],
	} {
		t.Run(name, func(t *testing.T) {
			_, err := find(v, walker.Options{NoSorting: true})
			require.NoError(t, err)
		})
	}
}
