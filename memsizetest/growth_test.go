package memsizetest

import (
	"container/list"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// program is something that a test calls.
type program struct {
	sessions map[string]*session
	seen     map[string]bool
	log      []string
	events   list.List
	index    sync.Map
	buffer   []byte
	old, new []*session
	texts    []string
	next     int
}

// key is the next name; those of a few letters share blocks.
func (p *program) key() string {
	p.next++
	return fmt.Sprintf("k%07d", p.next)
}

func newProgram() *program {
	p := &program{sessions: map[string]*session{}, seen: map[string]bool{}}
	for range 300 {
		p.sessions[p.key()] = &session{string(make([]byte, 20)), make([]byte, 50)}
		p.old = append(p.old, &session{})
		p.texts = append(p.texts, p.key())
	}
	return p
}

// replaced replaces an entry by a new one.
func (p *program) replaced() {
	for k := range p.sessions {
		delete(p.sessions, k)
		break
	}
	p.sessions[p.key()] = &session{string(make([]byte, 20)), make([]byte, 50)}
}

func TestNoGrowth(t *testing.T) {
	for _, row := range []struct {
		name, path string // where it grows
		op         func(p *program)
	}{
		{"nothing", "", func(p *program) {}},
		{"entries are replaced", "", (*program).replaced},
		{"texts of a few bytes are replaced", "", func(p *program) { p.texts[rand.IntN(len(p.texts))] = p.key() }},
		{"a queue moves on", "", func(p *program) { p.log = append(p.log, "x")[max(0, len(p.log)-99):] }},
		{"a list moves on", "", func(p *program) {
			p.events.PushBack(p.key())
			if p.events.Len() > 50 {
				p.events.Remove(p.events.Front())
			}
		}},
		{"from one place to another", "", func(p *program) {
			if len(p.old) > 0 {
				p.new, p.old = append(p.new, p.old[0]), p.old[1:]
			}
		}},
		{"a key for each operation", ".seen[key]  string", func(p *program) { p.replaced(); p.seen[p.key()] = true }},
		{"a line for each operation", ".log", func(p *program) { p.log = append(p.log, p.key()) }},
		{"an element for each", ".events", func(p *program) { p.events.PushBack(p) }},
		{"behind what has no type", ".index", func(p *program) { p.index.Store(p.key(), p) }},
		{"bytes for each", ".buffer  []uint8", func(p *program) { p.buffer = append(p.buffer, 1, 2, 3) }},
		{"room that is never used", ".buffer  []uint8", func(p *program) { p.buffer = make([]byte, 0, cap(p.buffer)+64) }},
		{"one in ten", ".log", func(p *program) {
			if p.key(); p.next%10 == 0 {
				p.log = append(p.log, p.key())
			}
		}},
		{"a text that gets longer", ".texts[]  string", func(p *program) { p.texts[0] += "and so on" }},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.path == ".index" && scan(nil, nil).Models[0].Exactness != "exact" {
				t.Skip("a model does not follow what has no type")
			}
			said := verdict("T", func(t testing.TB) {
				p := newProgram()
				NoGrowth(t, p, func() { row.op(p) }, 100)
			})
			if row.path == "" {
				require.Empty(t, said)
				return
			}
			require.Contains(t, said, "with every 100 operations more is held")
			require.Contains(t, said, "root"+row.path)
		})
	}
	require.Contains(t, verdict("T", func(t testing.TB) { NoGrowth(t, nil, func() {}, 0) }), "at least one")
}

func TestNoGrowthShowsFigures(t *testing.T) {
	leak := map[int]*[64]byte{}
	said := verdict("T", func(t testing.TB) {
		NoGrowth(t, &leak, func() { leak[len(leak)] = new([64]byte) }, 100)
	})
	require.Contains(t, said, "100 → 200 → 300 → 400 → 500")
	require.Contains(t, said, "6,400 B → 12.5 KiB → 18.8 KiB → 25.0 KiB → 31.2 KiB")
}

// A verdict is the same each time, though keys are spread, blocks are shared and maps are split
// differently each time.
func TestSameVerdicts(t *testing.T) {
	runs := 100
	if testing.Short() {
		runs = 3
	}
	for range runs {
		require.Empty(t, verdict("T", func(t testing.TB) {
			p := newProgram()
			NoGrowth(t, p, p.replaced, 50)
		}))
		require.NotEmpty(t, verdict("T", func(t testing.TB) {
			p := newProgram()
			NoGrowth(t, p, func() { p.seen[p.key()] = true }, 50)
		}))
	}
}
