package memsizetest

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// kept is a value whose figures are kept in a file of testdata.
type kept struct {
	Names  []string
	Byid   map[uint64]*session
	Large  map[int32]int32 // of many tables
	Boxed  any
	Number *uint16
}

func newKept() *kept {
	k := &kept{Byid: map[uint64]*session{}, Large: map[int32]int32{}, Boxed: map[string]int{"one": 1}}
	for i := range 100 {
		// Names of a few bytes, with others' between them: blocks are shared differently each time.
		k.Names = append(k.Names, "n"+strconv.Itoa(i+1000))
		for range rand.IntN(3) {
			_ = strings.Repeat("y", 1+rand.IntN(7))
		}
		k.Byid[uint64(i)] = &session{strings.Repeat("u", i), make([]byte, 10)}
	}
	k.Names = append([]string(nil), k.Names...)
	for i := range int32(5000) {
		k.Large[i] = i
	}
	k.Number = new(uint16)
	return k
}

// The committed figures hold, for values that are built anew and differ by chance.
func TestGolden(t *testing.T) {
	for range 20 {
		Golden(t, newKept())
	}
}

// rewrite has Golden write its files for as long as a test runs.
func rewrite(f func()) {
	*update = true
	defer func() { *update = false }()
	f()
}

func TestGoldenFindsChanges(t *testing.T) {
	t.Chdir(t.TempDir())
	check := func(v any, opts ...memsize.Option) string {
		return verdict("TestIt/with parts", func(t testing.TB) { Golden(t, v, opts...) })
	}
	require.Contains(t, check(newKept()), "-memsizetest.update", "there are no figures yet")
	rewrite(func() { require.Empty(t, check(newKept())) })
	for _, row := range []struct {
		why, says string
		change    func(k *kept)
	}{
		{"the same", "", func(k *kept) {}},
		{"an entry more", "*memsizetest.session: 101 values, were 100", func(k *kept) { k.Byid[200] = &session{User: "w"} }},
		{"a longer name", "string: the lengths of its 198 values changed (at root.Names[])", func(k *kept) { k.Names[5] += "x" }},
		{"a longer slice", "[]uint8: the lengths of its", func(k *kept) { k.Byid[1].Data = make([]byte, 11) }},
		{"more room", "[]uint8: ", func(k *kept) { k.Byid[1].Data = make([]byte, 10, 2000) }},
		{"a map with room for more", "map[uint64]*memsizetest.session: ", func(k *kept) {
			larger := make(map[uint64]*session, 800)
			for key, v := range k.Byid {
				larger[key] = v
			}
			k.Byid = larger
		}},
		{"an entry less", "map[int32]int32: the lengths of its", func(k *kept) { delete(k.Large, 7) }},
		{"many tables with far too much room", "map[int32]int32: ", func(k *kept) {
			for i := range int32(100_000) {
				k.Large[i] = i
			}
			for i := int32(5000); i < 100_000; i++ {
				delete(k.Large, i)
			}
		}},
		{"another type in a box", "map[string]int", func(k *kept) { k.Boxed = map[string]int8{"one": 1} }},
		{"nothing in a box", "map[string]int", func(k *kept) { k.Boxed = nil }},
	} {
		if strings.Contains(row.why, "room") && scan(nil, nil).Models[0].Exactness != "exact" {
			continue // a model does not know what room a map was made with
		}
		k := newKept()
		row.change(k)
		said := check(k)
		if row.says == "" {
			require.Empty(t, said, row.why)
		}
		require.Contains(t, said, row.says, row.why)
		if row.says != "" {
			require.Contains(t, said, "where (go)", "the places that changed")
		}
	}
}

func TestGoldenByRelease(t *testing.T) {
	t.Chdir(t.TempDir())
	check := func(v any, opts ...memsize.Option) (string, []string) {
		f := &fake{name: "TestIt"}
		Golden(f, v, opts...)
		return strings.Join(f.said, ""), f.logged
	}
	rewrite(func() { check(newKept()) })
	files, err := filepath.Glob("testdata/memsize/*")
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.Contains(t, files[0], "TestIt.go1.")
	require.Contains(t, files[0], runtime.GOARCH)
	require.NoError(t, os.Rename(files[0], "testdata/memsize/TestIt.go1.20-amd64.json"))

	said, logged := check(newKept())
	require.Empty(t, said)
	require.Contains(t, logged[0], "only counts and lengths are compared")
	k := newKept()
	k.Byid[1].Data = make([]byte, 10, 2000)
	said, _ = check(k)
	require.Empty(t, said, "bytes are another release's")
	k.Names[0] += "longer"
	said, _ = check(k)
	require.Contains(t, said, "string: the lengths of its")

	rewrite(func() { check(newKept(), memsize.WithModel(rules.Core())) })
	require.FileExists(t, "testdata/memsize/TestIt.core.json", "C++ knows no Go release")
}

func TestGoldenFilesThatAreNone(t *testing.T) {
	t.Chdir(t.TempDir())
	check := func() string { return verdict("TestIt", func(t testing.TB) { Golden(t, newKept()) }) }
	rewrite(func() { require.Empty(t, check()) })
	files, err := filepath.Glob("testdata/memsize/*")
	require.NoError(t, err)
	for content, says := range map[string]string{"{": "unexpected end", `{"schema":"memsizetest/9"}`: "no figures of this package"} {
		require.NoError(t, os.WriteFile(files[0], []byte(content), 0o666))
		require.Contains(t, check(), says)
	}
	require.NoError(t, os.RemoveAll("testdata"))
	require.NoError(t, os.WriteFile("testdata", nil, 0o666))
	rewrite(func() { require.NotEmpty(t, check(), "a file where the folder should be") })
}

func TestGoldenHasNoValues(t *testing.T) {
	t.Chdir(t.TempDir())
	rewrite(func() {
		verdict("TestIt", func(t testing.TB) { Golden(t, map[string]string{"secret key": "secret value"}) })
	})
	files, err := filepath.Glob("testdata/memsize/*")
	require.NoError(t, err)
	data, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.NotContains(t, string(data), "secret")
	require.True(t, json.Valid(data))
}
