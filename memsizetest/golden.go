package memsizetest

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/version"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
)

// update has Golden write its files. The name is long because many test packages define -update for
// themselves, and a flag cannot be defined twice: where one does, Golden obeys that as well.
var update = flag.Bool("memsizetest.update", false, "memsizetest: write the files of Golden anew")

// updating tells whether files are to be written.
func updating() bool {
	if *update {
		return true
	}
	own := flag.Lookup("update")
	return own != nil && own.Value.String() == "true"
}

// golden is the content of a file of Golden.
type golden struct {
	Schema string         `json:"schema"` // "memsizetest/1"
	Shape  []shape        `json:"shape"`
	Report *report.Report `json:"report"` // of the Go release that is in the file's name
}

const goldenSchema = "memsizetest/1"

// Golden fails the test if the value is not the one whose figures are in the file
// testdata/memsize/TEST.RELEASE.json: types, counts and lengths must be equal, bytes within bounds
// that follow from the value where they differ from run to run (tiny blocks, maps of more than 896
// entries). Under a Go release without a file, counts and lengths are compared with those of
// another. A value with a sync.Map has no figures that hold. It is called once in a test or
// subtest. The files are written by
//
//	go test -run TestName -memsizetest.update
func Golden(t testing.TB, v any, opts ...memsize.Option) {
	t.Helper()
	r := scan(v, append([]memsize.Option{memsize.NoValues()}, opts...))
	r.Coverage = nil // of the process, not of the value
	now := golden{goldenSchema, sorted(shapes(shapeOf(v))), r}
	name := goldenName(t.Name(), r)
	if updating() {
		if err := now.write(name); err != nil {
			t.Fatalf("memsizetest: %v", err)
		}
		return
	}
	then, same, err := readGolden(name)
	if err != nil {
		t.Errorf("memsizetest: %v: to write it, go test -run '^%s$' -memsizetest.update", err, t.Name())
		return
	}
	if !same {
		t.Logf("memsizetest: no figures of this Go release: only counts and lengths are compared, with " +
			"those of another")
	}
	if wrong := then.differs(&now, v, same); wrong != "" {
		t.Errorf("memsizetest: not the figures of %s\n\n%s\n\n%s", name, wrong, then.diff(r))
	}
}

// diff is what changed on the heap, by place; the report where nothing did.
func (g *golden) diff(r *report.Report) string {
	var tree strings.Builder
	if d := report.Compare(g.Report, r); len(d.Paths) > 0 {
		_ = d.WriteText(&tree, report.TextOptions{}) // a strings.Builder has no errors
	} else {
		_ = r.WriteText(&tree)
	}
	return tree.String()
}

// goldenName is the name of the file for a test, under the running Go release where that matters.
func goldenName(test string, r *report.Report) string {
	parts := strings.Split(test, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	of := r.Model
	if r.Models[0].Exactness != "" { // a Go heap
		release := version.Lang(runtime.Version())
		if release == "" {
			release = "devel"
		}
		of = release + "-" + runtime.GOARCH
		if r.Models[0].Exactness != "exact" {
			of += "-" + r.Models[0].Exactness
		}
	}
	return filepath.Join("testdata", "memsize", filepath.Join(parts...)+"."+of+".json")
}

func (g *golden) write(name string) error {
	data, err := json.MarshalIndent(g, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, append(data, '\n'), 0o666)
}

// readGolden reads a file of figures, or that of another release; same tells which.
func readGolden(name string) (g *golden, same bool, err error) {
	data, err := os.ReadFile(name)
	same = err == nil
	if errors.Is(err, fs.ErrNotExist) {
		stem, _, _ := strings.Cut(filepath.Base(name), ".")
		others, _ := filepath.Glob(filepath.Join(filepath.Dir(name), stem+".go*.json"))
		if len(others) > 0 {
			name = others[len(others)-1]
			data, err = os.ReadFile(name)
		}
	}
	if err != nil {
		return nil, false, err
	}
	g = new(golden)
	if err := json.Unmarshal(data, g); err != nil {
		return nil, false, fmt.Errorf("%s: %w", name, err)
	}
	if g.Schema != goldenSchema || g.Report == nil {
		return nil, false, fmt.Errorf("%s: no figures of this package: its schema is %q", name, g.Schema)
	}
	return g, same, nil
}

// differs says where the figures are not those of g; empty where they are.
func (g *golden) differs(now *golden, v any, bytes bool) string {
	then, is := g.places(), now.places()
	old, new := byType(then), byType(is)
	var lines []string
	for _, typ := range slices.Sorted(maps.Keys(union(old, new))) {
		if old[typ] != new[typ] {
			lines = append(lines, changed(typ, old[typ], new[typ], then, is))
		}
	}
	if bytes && len(lines) == 0 {
		lines = g.bytesDiffer(now.Report, v)
	}
	return strings.Join(lines, "\n")
}

// changed says how the values of a type changed, and at which places.
func changed(typ string, old, new shape, then, is map[place]shape) string {
	var at []string
	for p := range union(then, is) {
		if p.typ == typ && then[p] != is[p] {
			at = append(at, show.Printable(p.path))
		}
	}
	slices.Sort(at)
	where := " (at " + strings.Join(at[:min(len(at), mostPlaces)], ", ") + ")"
	if old.Count != new.Count {
		return fmt.Sprintf("%s: %s values, were %s%s", typ, show.Count(new.Count),
			show.Count(old.Count), where)
	}
	return fmt.Sprintf("%s: the lengths of its %s values changed%s", typ, show.Count(new.Count), where)
}

// places are the figures of a file by place.
func (g *golden) places() map[place]shape {
	places := map[place]shape{}
	for _, s := range g.Shape {
		places[place{s.Path, s.Type}] = s
	}
	return places
}

// bytesDiffer says which types take bytes that their bounds do not allow.
func (g *golden) bytesDiffer(now *report.Report, v any) (lines []string) {
	limits := boundsOf(g.Report, v)
	taken := map[string]uint64{}
	for _, f := range now.Types {
		taken[f.Type] = f.Total
		if _, known := limits[f.Type]; !known {
			limits[f.Type] = bounds{}
		}
	}
	var low, high uint64
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		l := limits[name]
		low, high = low+l.low, high+l.high
		if n := taken[name]; n < l.low || n > l.high {
			lines = append(lines, fmt.Sprintf("%s: %s, want %s", name, figure(n), l))
		}
	}
	if l := (bounds{low, high}); len(lines) == 0 && (now.Total < low || now.Total > high) {
		lines = append(lines, fmt.Sprintf("in all: %s, want %s", figure(now.Total), l))
	}
	return lines
}

func union[K comparable](a, b map[K]shape) map[K]shape {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// sorted are places in the order of their paths.
func sorted(places map[place]shape) []shape {
	return slices.SortedFunc(maps.Values(places), func(a, b shape) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Type, b.Type))
	})
}
