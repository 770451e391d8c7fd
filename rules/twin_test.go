package rules

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The layouts are held against the real compilers: random Go struct types, and for each the C++
// and the Rust twin's sizeof and alignof, as g++ 12.2 (-m64, -m32) and rustc 1.95 gave them.
// MEMSIZE_COMPILERS=1 go test -run TestTwinLayouts ./rules asks them again.
const (
	twinTypes   = 400
	twinSeed    = 20260101
	twinFigures = "testdata/layouts.txt"
)

// twin is a random Go type with the source of its C++ and Rust twins.
type twin struct {
	typ       reflect.Type
	tag       string // of a field of that type
	cpp, rust string
}

// twinMaker makes twins; struct twins are declared before they are used.
type twinMaker struct {
	random    *rand.Rand
	cpp, rust bytes.Buffer
	structs   int
}

var twinScalars = []twin{
	{reflect.TypeFor[bool](), "", "bool", "bool"},
	{reflect.TypeFor[uint8](), "", "uint8_t", "u8"},
	{reflect.TypeFor[int16](), "", "int16_t", "i16"},
	{reflect.TypeFor[uint32](), "", "uint32_t", "u32"},
	{reflect.TypeFor[int64](), "", "int64_t", "i64"},
	{reflect.TypeFor[float32](), "", "float", "f32"},
	{reflect.TypeFor[float64](), "", "double", "f64"},
	{reflect.TypeFor[int](), "", "intptr_t", "isize"},
	{reflect.TypeFor[uintptr](), "", "uintptr_t", "usize"},
	{reflect.TypeFor[complex64](), "", "std::complex<float>", "[f32; 2]"},
	{reflect.TypeFor[complex128](), "", "std::complex<double>", "[f64; 2]"},
	{reflect.TypeFor[string](), "", "std::string", "String"},
	{reflect.TypeFor[[]bool](), "", "std::vector<bool>", "Vec<bool>"},
	{reflect.TypeFor[any](), "", "std::unique_ptr<int>", "Box<dyn std::any::Any>"},
	{reflect.TypeFor[any](), "raw", "void*", "*const dyn std::any::Any"},
	{reflect.TypeFor[struct{}](), "", "Empty", "()"},
	{reflect.TypeFor[map[string]int](), "", "std::unordered_map<int,int>",
		"std::collections::HashMap<i32, i32>"},
	{reflect.TypeFor[map[string]int](), "map", "std::map<int,int>",
		"std::collections::HashMap<i32, i32>"},
	{reflect.TypeFor[map[int]struct{}](), "set", "std::set<int>",
		"std::collections::HashSet<i32>"},
}

// next is a random type at most depth levels deep.
func (m *twinMaker) next(depth int) twin {
	if depth == 0 || m.random.IntN(3) == 0 {
		return twinScalars[m.random.IntN(len(twinScalars))]
	}
	switch m.random.IntN(9) {
	case 0:
		n, e := 1+m.random.IntN(5), m.plain(depth-1)
		return twin{reflect.ArrayOf(n, e.typ), "", fmt.Sprintf("Array<%s,%d>", e.cpp, n),
			fmt.Sprintf("[%s; %d]", e.rust, n)}
	case 1:
		e := m.plain(depth - 1)
		return twin{reflect.SliceOf(e.typ), "list", "std::list<" + e.cpp + ">",
			"std::collections::LinkedList<" + e.rust + ">"}
	case 2:
		n, e := 1+m.random.IntN(40), twinScalars[m.random.IntN(12)]
		return twin{reflect.SliceOf(e.typ), fmt.Sprintf("prevector=%d", n),
			fmt.Sprintf("prevector<%d,%s>", n, e.cpp),
			fmt.Sprintf("TinyVec<[%s; %d]>", e.rust, n)}
	case 3:
		return m.pointer(depth, "option", "std::optional<%s>", "Option<%s>")
	case 4:
		return m.pointer(depth, "shared_ptr", "std::shared_ptr<%s>", "std::sync::Arc<%s>")
	case 5:
		return m.pointer(depth, "", "std::unique_ptr<%s>", "Box<%s>")
	}
	return m.record(depth)
}

// plain is a random type whose twin needs no tag.
func (m *twinMaker) plain(depth int) twin {
	for {
		if t := m.next(depth); t.tag == "" {
			return t
		}
	}
}

func (m *twinMaker) pointer(depth int, tag, cpp, rust string) twin {
	e := m.plain(depth - 1)
	return twin{reflect.PointerTo(e.typ), tag,
		fmt.Sprintf(cpp, e.cpp), fmt.Sprintf(rust, e.rust)}
}

func (m *twinMaker) record(depth int) twin {
	var fields []reflect.StructField
	var cpp, rust strings.Builder
	for i := range 1 + m.random.IntN(6) {
		f := m.next(depth - 1)
		field := reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: f.typ}
		if m.random.IntN(10) == 0 {
			f.tag = "-" // the twin has no such member
		} else {
			fmt.Fprintf(&cpp, " %s f%d;", f.cpp, i)
			fmt.Fprintf(&rust, " f%d: %s,", i, f.rust)
		}
		if f.tag != "" {
			field.Tag = reflect.StructTag(fmt.Sprintf("memusage:%q", f.tag))
		}
		fields = append(fields, field)
	}
	m.structs++
	name := fmt.Sprintf("S%d", m.structs)
	fmt.Fprintf(&m.cpp, "struct %s {%s };\n", name, cpp.String())
	fmt.Fprintf(&m.rust, "struct %s {%s }\n", name, rust.String())
	return twin{reflect.StructOf(fields), "", name, name}
}

const cppHead = `#include <array>
#include <complex>
#include <cstdint>
#include <cstdio>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>
template <class T, size_t N> using Array = std::array<T, N>;
struct Empty {};
template <unsigned N, class T> struct prevector { // the members of Core's src/prevector.h
#pragma pack(push, 1)
	union direct_or_indirect {
		char direct[sizeof(T) * N];
		struct { char* indirect; uint32_t capacity; } indirect_contents;
	};
#pragma pack(pop)
	alignas(char*) direct_or_indirect u;
	uint32_t size;
};
`

const rustHead = `#![allow(dead_code, unused)]
trait Array { type Item; }
impl<T, const N: usize> Array for [T; N] { type Item = T; }
#[repr(C)] struct ArrayVec<A> { len: u16, data: A } // the members of tinyvec's
enum TinyVec<A: Array> { Inline(ArrayVec<A>), Heap(Vec<A::Item>) }
`

// compileTwins asks the compilers: one line a type, "size align" of C++ LP64, ILP32, and Rust.
func compileTwins(t *testing.T, m *twinMaker, twins []twin) string {
	dir := t.TempDir()
	cpp, rust := cppHead+m.cpp.String()+"int main() {\n", rustHead+m.rust.String()+"fn main() {\n"
	for _, x := range twins {
		cpp += fmt.Sprintf("printf(\"%%zu %%zu\\n\", sizeof(%[1]s), alignof(%[1]s));\n", x.cpp)
		rust += fmt.Sprintf("println!(\"{} {}\", size_of::<%[1]s>(), align_of::<%[1]s>());\n",
			x.rust)
	}
	source := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text+"}\n"), 0o644))
		return path
	}
	run := func(name string, args ...string) []string {
		binary := filepath.Join(dir, "twin")
		out, err := exec.Command(name, append(args, "-o", binary)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		out, err = exec.Command(binary).Output()
		require.NoError(t, err)
		return strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	c, r := source("twin.cpp", cpp), source("twin.rs", rust)
	wide, narrow := run("g++", "-m64", c), run("g++", "-m32", c)
	rs := run("rustc", "--edition", "2024", r)
	var b strings.Builder
	for i := range twins {
		fmt.Fprintf(&b, "%s  %s  %s\n", wide[i], narrow[i], rs[i])
	}
	return b.String()
}

func TestTwinLayouts(t *testing.T) {
	m := &twinMaker{random: rand.New(rand.NewPCG(twinSeed, 1))}
	var twins []twin
	for range twinTypes {
		twins = append(twins, m.record(4))
	}
	if os.Getenv("MEMSIZE_COMPILERS") != "" {
		figures := compileTwins(t, m, twins)
		require.NoError(t, os.WriteFile(twinFigures, []byte(figures), 0o644))
	}
	text, err := os.ReadFile(twinFigures)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, twinTypes)
	narrow, err := Lookup("core-32")
	require.NoError(t, err)
	for i, line := range lines {
		var want [6]uint64
		_, err := fmt.Sscan(line, &want[0], &want[1], &want[2], &want[3], &want[4], &want[5])
		require.NoError(t, err)
		for k, model := range []*Model{Core(), narrow, Crate()} {
			require.NoError(t, model.Check(twins[i].typ))
			size, align := model.Sizeof(twins[i].typ)
			require.Equal(t, [2]uint64{want[2*k], want[2*k+1]}, [2]uint64{size, align},
				"type %d under %s: %s", i, model.Name(), twins[i].typ)
		}
	}
}
