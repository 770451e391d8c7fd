package property_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/seed"
	"github.com/bitcoin-mem/memsize/internal/suite"
	"github.com/bitcoin-mem/memsize/internal/variant"
	"github.com/bitcoin-mem/memsize/rules"
)

// little is a type whose values a brief walk is made for; some of them are too much for it.
type little struct {
	name, city string
	note       []byte
	tags       []string
	next       *little
	count      *int32
	index      map[string]int
	any        any
	call       func()
	inner      struct{ text string }
	empty      *struct{}
	short      []byte `memusage:"prevector=20"`
}

// fillLittle makes a value of which anything may be nil, shared, or a part of something else.
func fillLittle(r *rand.Rand, depth int, texts []string, others []*little) *little {
	text := func() string { return texts[r.IntN(len(texts))] }
	l := &little{name: text()}
	if r.IntN(2) == 0 {
		l.city = strings.Clone(text())
	}
	if r.IntN(2) == 0 {
		l.note = make([]byte, 1+r.IntN(39), 40)[r.IntN(2):]
	}
	if r.IntN(3) == 0 {
		l.tags = append(l.tags, text(), strings.Clone(text()))[:r.IntN(3)]
	}
	if r.IntN(3) == 0 {
		l.tags = append(l.tags, "", text())[:len(l.tags)] // what lies behind the length
	}
	if r.IntN(3) == 0 {
		l.count = new(int32)
	}
	if r.IntN(4) == 0 {
		l.index = map[string]int{}
	}
	switch r.IntN(16) {
	case 0:
		l.index = map[string]int{"x": 1}
	case 1:
		l.any = &l.city
	case 2:
		l.call = func() { l.name = "" }
	case 3:
		l.empty = new(struct{})
	case 4:
		l.short = make([]byte, 1+r.IntN(30))
	}
	switch {
	case len(others) > 0 && r.IntN(4) == 0:
		l.next = others[r.IntN(len(others))]
	case depth > 0 && r.IntN(2) == 0:
		l.next = fillLittle(r, depth-1, texts, append(others, l))
	}
	l.inner.text = text()
	return l
}

// TestBriefAgainstSession holds every figure that needs no session to that of one: of values made for
// it and of random ones. It fails when too few values are brief.
func TestBriefAgainstSession(t *testing.T) {
	if variant.Plain() {
		t.Skip("nothing is brief without optimisations")
	}
	start := seed.Of(t)
	models := []*rules.Model{rules.Core(), rules.Crate(), rules.Go()}
	for _, name := range []string{"go-386", "core-32"} {
		m, err := rules.Lookup(name)
		require.NoError(t, err)
		models = append(models, m)
	}
	briefs, values := 0, 0
	check := func(v any, round uint64) {
		for _, m := range models {
			want := memsize.Of(v, memsize.WithModel(m), suite.NoBrief())
			require.Equal(t, want, memsize.Of(v, memsize.WithModel(m)),
				"MEMSIZE_SEED=%d round %d: %T under %s", start, round, v, m.Name())
			if want > 0 && suite.IsBrief(v, m) {
				briefs++
			}
			values++
		}
	}
	src := &suite.HeapSource{Seed: start, Made: suite.MadeTypes}
	for i := range suite.Graphs(t) {
		round := uint64(i)
		r := rand.New(rand.NewPCG(start, round))
		long := strings.Repeat("x", 17+r.IntN(60))
		texts := []string{"", "a", "literal", "a literal of more than 15 bytes", long, long[3:], long[:17]}
		l := fillLittle(r, 3, texts, nil)
		check(l, round)
		check(*l, round)
		check(&l.next, round)
		sizers := map[string][2]uint64{}
		for _, m := range models {
			brief := memsize.New[little](memsize.WithModel(m)).Of(l)
			walked := memsize.New[little](memsize.WithModel(m), suite.NoBrief()).Of(l)
			sizers[m.Name()] = [2]uint64{brief, walked}
		}
		for name, figures := range sizers {
			require.Equal(t, figures[1], figures[0], "MEMSIZE_SEED=%d round %d: Sizer under %s",
				start, round, name)
		}
		if round%16 == 0 {
			for _, root := range src.Roots(int(round / 16)) {
				if root != nil && rules.Check(reflect.TypeOf(root)) == nil {
					check(root, round)
				}
			}
		}
	}
	require.Greater(t, briefs, values/5, "of %d values were brief", values)
	t.Logf("%d of %d values were brief", briefs, values)
}
