package snapshot

import (
	"bytes"
	"encoding/gob"
	"math/big"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Types of the small streams.
type tree struct {
	Name     string
	Children []*tree
	By       map[string]*tree
}

type chain struct {
	Value int
	Next  *chain
}

type inner struct {
	A uint16
	B []byte
}

type outer struct {
	In    inner
	Ptr   *inner
	List  []*inner
	Three [3]inner
	When  time.Time
	Any   any
	M     map[[4]byte]inner
	E     map[string]struct{}
	Name  string
}

// sealed encodes itself as a gob of another type.
type sealed struct{ name string }

type sealedContent struct {
	Name string
	Tags []string
}

func (s sealed) GobEncode() ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(sealedContent{s.name, []string{s.name, "tag"}})
	return b.Bytes(), err
}

func (s *sealed) GobDecode([]byte) error { return nil }

func init() {
	gob.RegisterName("example.org/pkg.outer", outer{})
	gob.RegisterName("*snapshot.inner", &inner{})
	gob.RegisterName("example.org/pkg.sealed", sealed{})
}

// encode encodes values with one encoder.
func encode(t testing.TB, values ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := gob.NewEncoder(&b)
	for _, v := range values {
		require.NoError(t, enc.Encode(v))
	}
	return b.Bytes()
}

// someOuter is a value with all that can go into it; interfaces define types inside the value.
func someOuter() outer {
	in := inner{300, []byte("abc")}
	return outer{
		In: in, Ptr: &in, List: []*inner{&in, {}}, When: time.Unix(1, 2), Any: &in,
		M: map[[4]byte]inner{{1, 200}: in}, E: map[string]struct{}{"x": {}}, Name: "outer",
	}
}

func TestLargestMessages(t *testing.T) {
	c, err := Scan(t.Context(), bytes.NewReader(encode(t, make([]byte, 300), make([]byte, 5000), 1)))
	require.NoError(t, err)
	require.InDelta(t, 5000, c.LargestMessage, 10)
	require.InDelta(t, 300, c.NextLargest, 10)
}

// smallStreams are good streams of every kind, by name.
func smallStreams(t testing.TB) map[string][]byte {
	list := &chain{1, &chain{2, &chain{300, nil}}}
	root := &tree{"r", []*tree{{Name: "a"}, {Name: "b", Children: []*tree{{}}}},
		map[string]*tree{"c": {}}}
	nested := outer{Any: someOuter()}
	return map[string][]byte{
		"scalars": encode(t, 7, "text", 1.5, true, []byte("bytes"), complex(1, 2), uint8(200)),
		"outer":   encode(t, someOuter(), outer{}, someOuter()),
		"interfaces": encode(t, []any{1, "two", nested, nil,
			map[string]any{"k": []any{&inner{}, 1.5}}}),
		"list": encode(t, list, list),
		"tree": encode(t, root),
		"numbers": encode(t, []int64{1, -1, 1 << 40, 200, -300},
			[9]byte{1, 255, 3, 128}, []float64{1, 0.1}),
		"texts": encode(t, []string{"a", "", "ccc"}, [][]byte{{1}, nil},
			map[string]string{"k": "v"}),
		"payloads": encode(t, []sealed{{"one"}, {"two"}}, big.NewInt(1<<40), &url.URL{Host: "h"}),
		"payloads twice": encode(t, struct{ A, B sealed }{sealed{"one"}, sealed{"two"}},
			map[string]any{"a": sealed{"three"}}, []map[sealed]sealed{{{"k"}: {"v"}}}),
		"two encoders": join(encode(t, someOuter()), encode(t, someOuter()), encode(t, 5)),
	}
}

// encoding/gob itself sends some types that lead back to themselves with a part of no type. They
// are read as far as values do not have that part.
func TestPartWithoutType(t *testing.T) {
	type tree struct {
		Below map[string][]tree
		Leaf  string
	}
	type garden struct{ Trees []tree }
	c := scanBytes(t, encode(t, garden{[]tree{{Leaf: "a"}, {Leaf: "b"}}}))
	require.EqualValues(t, 2, find(t, c, "Trees[].Below").Absent)
	require.EqualValues(t, 2, find(t, c, "Trees[].Leaf").Count)
	reload(t, c)
	full := encode(t, garden{[]tree{{Below: map[string][]tree{"a": {{Leaf: "b"}}}}}})
	_, err := Scan(t.Context(), bytes.NewReader(full))
	require.ErrorContains(t, err, "type id 0, which is not defined")
}
