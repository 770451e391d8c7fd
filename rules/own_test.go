package rules

import (
	"container/list"
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// absurd is a rule of one's own that says whatever it is told to.
type absurd struct {
	inline    Shape
	usage     Parts
	increment uint64
}

func (absurd) String() string                       { return "absurd" }
func (a absurd) Inline(Container) Shape             { return a.inline }
func (a absurd) Usage(Container) Parts              { return a.usage }
func (a absurd) Increment(Container) (uint64, bool) { return a.increment, true }

// TestOwnRulesAreChecked: figures that no value can have are refused, by a message that names the rule.
func TestOwnRulesAreChecked(t *testing.T) {
	word := Shape{Size: 8, Align: 8}
	below := func(n uint64) uint64 { return 0 - n }
	for _, row := range []struct {
		why  string
		rule absurd
		want string
	}{
		{"two halves wrap", absurd{word, Parts{Used: 1 << 63, Spare: 1 << 63}, 1}, "more than any value has"},
		{"all parts at their most", absurd{word, Parts{math.MaxUint64, math.MaxUint64, math.MaxUint64,
			math.MaxUint64, math.MaxUint64}, 1}, "more than any value has"},
		{"a difference below zero", absurd{word, Parts{Used: 8, Rounding: below(6)}, 1}, "wrap below zero"},
		{"one that carries on", absurd{word, Parts{Used: 800, Rounding: below(6)}, 1}, "wrap below zero"},
		{"an increment below zero", absurd{word, Parts{}, below(1)}, "its Increment is 18446744073709551615"},
		{"more padding than size", absurd{Shape{Size: 8, Align: 8, Padding: 9}, Parts{}, 1},
			"of which 9 are padding"},
		{"a size below zero", absurd{Shape{Size: below(8), Align: 8}, Parts{}, 1}, "its Inline is"},
		{"an alignment of 3", absurd{Shape{Size: 8, Align: 3}, Parts{}, 1}, "want a power of two"},
	} {
		t.Run(row.why, func(t *testing.T) {
			type record struct{ List []int }
			m := Core().With(ForField[record]("List", row.rule))
			err := func() (err error) {
				defer asTagError(&err)
				m.Sizeof(reflect.TypeFor[record]())
				p := m.NewPricer(m.Field(m.Bind(TypeOf(reflect.TypeFor[record]())), 0))
				p.Increment()
				p.Total(3, 4)
				return nil
			}()
			require.ErrorContains(t, err, row.want)
			require.ErrorContains(t, err, `memsize: rule "absurd": `)
		})
	}
}

// TestHostileLengthsAreNotTheRules: that a length which no memory has makes an absurd sum is data.
func TestHostileLengthsAreNotTheRules(t *testing.T) {
	m := Core().With(ForType[[]int](wordRule{}))
	p := m.NewPricer(m.Bind(TypeOf(reflect.TypeFor[[]int]())))
	require.NotPanics(t, func() { p.Total(math.MaxUint64, math.MaxUint64) })
}

// TestOwnRulesDoNotChangeGo: what a Go heap allocates is known, and no rule is asked, in any build.
func TestOwnRulesDoNotChangeGo(t *testing.T) {
	list := reflect.TypeFor[[]int]()
	for _, name := range []string{"go", "go-386"} {
		m, err := Lookup(name)
		require.NoError(t, err)
		own := m.With(ForType[[]int](absurd{usage: Parts{Used: 1 << 40}}))
		price := func(m *Model) uint64 { return m.NewPricer(m.Bind(TypeOf(list))).Total(10, 10) }
		require.Equal(t, price(m), price(own), name)
		size, align := m.Sizeof(list)
		ownSize, ownAlign := own.Sizeof(list)
		require.Equal(t, [2]uint64{size, align}, [2]uint64{ownSize, ownAlign}, name)
	}
}

// TestCheckFindsMisspelledTags: Check warns of what looks like a tag of ours; a walk passes over these.
func TestCheckFindsMisspelledTags(t *testing.T) {
	for tag, want := range map[string]string{
		`memuse:"vector"`:              `tag key "memuse" is not read: did you mean memusage?`,
		`MemUsage:"vector"`:            `tag key "MemUsage" is not read`,
		`memsize:"vector"`:             `tag key "memsize" is not read`,
		`json:"a" memusge:"vector"`:    `tag key "memusge" is not read`,
		`memusage="vector"`:            `memusage tag is not read: want memusage:"…"`,
		`memusage :"vector"`:           `memusage tag is not read`,
		`memusage: "vector"`:           `memusage tag is not read`,
		`memusage:'vector'`:            `memusage tag is not read`,
		`Memusage`:                     `memusage tag is not read`,
		`json:"memusage"`:              "",
		`message:"x" memory:"y"`:       "",
		`json:"a,omitempty" yaml:"-"`:  "",
		`memuse:"x" memusage:"vector"`: "",
		`anything at all`:              "",
	} {
		inner := reflect.StructOf([]reflect.StructField{{Name: "F", Type: reflect.TypeFor[[]int](),
			Tag: reflect.StructTag(tag)}})
		outer := reflect.MapOf(reflect.TypeFor[string](), reflect.PointerTo(inner))
		err := Check(outer)
		require.NoError(t, Core().Check(outer), "what a walk asks")
		if want == "" {
			require.NoError(t, err, tag)
			continue
		}
		require.ErrorContains(t, err, want, tag)
		var e *TagError
		require.ErrorAs(t, err, &e)
		require.Equal(t, "F", e.Field)
	}
}

// TestDocHasTheTableOfRules holds the table of go doc rules to what fits: for each rule the row says which
// kinds of Go types take it, and no others.
func TestDocHasTheTableOfRules(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	kinds := map[string]string{} // by rule
	name := regexp.MustCompile(`^//\t([a-z_]+)`)
	said := regexp.MustCompile(`^//\t.*  ([a-zA-Z/., ]+):`)
	last := ""
	for line := range strings.Lines(string(doc)) {
		if m := name.FindStringSubmatch(line); m != nil {
			last = m[1]
		}
		if m := said.FindStringSubmatch(line); m != nil {
			kinds[last] = " " + m[1] + ","
		}
	}
	for word, typ := range map[string]reflect.Type{
		"slices": reflect.TypeFor[[]byte](), "maps": reflect.TypeFor[map[int]struct{}](),
		"pointers": reflect.TypeFor[*int](), "interfaces": reflect.TypeFor[any](),
		"strings": reflect.TypeFor[string](), "container/list.List": reflect.TypeFor[list.List](), "channels": reflect.TypeFor[chan int](),
	} {
		var fitting, said []string
		for f := formVector; f < formCount; f++ {
			require.Contains(t, kinds, forms[f].name)
			if slices.Contains(fits(TypeOf(typ)), f) {
				fitting = append(fitting, forms[f].name)
			}
			if strings.Contains(kinds[forms[f].name], " "+word+",") {
				said = append(said, forms[f].name)
			}
		}
		require.Equal(t, fitting, said, "of %s", word)
	}
}
