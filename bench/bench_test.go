package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"golang.org/x/perf/benchmath"
)

// measured is what a run of all contenders on a small graph writes, read back.
func measured(t *testing.T, name string, picked []contender) *results {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	w := choose(name)[0]
	var lines bytes.Buffer
	if err := measure(newEmitter(&lines, w.name, common, small), w, picked, small, 6); err != nil {
		t.Fatal(err)
	}
	r := newResults()
	if err := r.read(&lines, "lines"); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMeasure(t *testing.T) {
	picked := slices.DeleteFunc(slices.Clone(contenders), func(c contender) bool {
		return c.name != collector && portableBuild != (c.when&portable != 0)
	})
	r := measured(t, "[]*struct", picked)
	for _, by := range rowsOf(picked) {
		cpu, ok := r.get("[]*struct", by, perObject)
		if !ok || cpu.Center <= 0 || cpu.Lo > cpu.Center || cpu.Hi < cpu.Center || cpu.Hi > 1 {
			t.Errorf("%s takes %+v", by, cpu)
		}
		if by == collector || by == marking {
			continue
		}
		ratio, ok := r.get("[]*struct", by, overGC)
		if !ok || ratio.Center <= 0 {
			t.Errorf("%s takes %+v times the collector's", by, ratio)
		}
		if bytes, ok := r.get("[]*struct", by, found); !ok || bytes.Center < small*48 {
			t.Errorf("%s finds %+v", by, bytes)
		}
	}
	cycle, _ := r.get("[]*struct", collector, perObject)
	marks, _ := r.get("[]*struct", marking, perObject)
	if marks.Center >= cycle.Center {
		t.Errorf("marking takes %v of a cycle of %v", marks.Center, cycle.Center)
	}
	if got := r.number("[]*struct", collector, heapBlocks); got < small || got > small+20 {
		t.Errorf("%v blocks", got)
	}
	text := r.block(choose("[]*struct")[0], picked)
	if !strings.Contains(text, "[]*struct: 1,024 objects") {
		t.Error(text)
	}
}

func TestMeasureRefusesTheOtherBuild(t *testing.T) {
	other := contenders[slices.IndexFunc(contenders, func(c contender) bool {
		return c.name != collector && portableBuild == (c.when&portable == 0)
	})]
	w := workloads[0]
	err := measure(newEmitter(&bytes.Buffer{}, w.name, common, 1), w, []contender{other}, 1, 1)
	if err == nil {
		t.Errorf("%s was measured in this build", other.name)
	}
}

// lines are results as processes write them: of size.Of in a process of its own.
const lines = `go: go1.99
process: common
objects: 100
heap-bytes: 1600
BenchmarkWalk/graph=list_random/by=gc 1 0.001 sec/op 0.00001 sec/object
BenchmarkWalk/graph=list_random/by=go 1 0.001 sec/op 0.00001 sec/object 9 gc-ratio
BenchmarkWalk/graph=list_random/by=gc 1 0.002 sec/op 0.00002 sec/object
BenchmarkWalk/graph=list_random/by=go 1 0.001 sec/op 0.00001 sec/object 9 gc-ratio
BenchmarkWalk/graph=list_random/by=gc 1 0.004 sec/op 0.00004 sec/object
BenchmarkWalk/graph=list_random/by=go 1 0.003 sec/op 0.00003 sec/object 9 gc-ratio
process: deep
BenchmarkWalk/graph=list_random/by=size 1 0.010 sec/op 0.0001 sec/object
`

func synthetic(t *testing.T, text string) *results {
	t.Helper()
	r := newResults()
	if err := r.read(strings.NewReader(text), "lines"); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCompare(t *testing.T) {
	r := synthetic(t, lines)
	// Round by round 1, 0.5 and 0.75. The ratio of the medians would be 0.5.
	if m, ok := r.compare("list random", "go", collector); !ok || m.Center != 0.75 {
		t.Errorf("go is %+v times the collector", m)
	}
	m, ok := r.compare("list random", "size", "go")
	if !ok || m.Center != 10 || m.spread() != "" {
		t.Errorf("size.Of is %+v times go", m)
	}
	if _, ok := r.compare("list random", "core", "go"); ok {
		t.Error("core was not measured")
	}
	if m, ok := r.get("list random", "go", overGC); !ok || m.Center != 9 {
		t.Errorf("%+v", m)
	}
}

// A file that is read later replaces what was known of its benchmarks, and nothing else.
func TestReadReplaces(t *testing.T) {
	r := synthetic(t, lines)
	again := "process: common\n" +
		"BenchmarkWalk/graph=list_random/by=go 1 0.007 sec/op 0.00007 sec/object\n"
	if err := r.read(strings.NewReader(again), "again"); err != nil {
		t.Fatal(err)
	}
	if m, _ := r.get("list random", "go", perWalk); m.Center != 0.007 {
		t.Errorf("go takes %+v", m)
	}
	if m, _ := r.get("list random", collector, perWalk); m.Center != 0.002 {
		t.Errorf("the collector takes %+v", m)
	}
}

func TestGoals(t *testing.T) {
	r := synthetic(t, lines)
	goals := r.goals()
	if len(goals) != 1 || goals[0].what != "go ÷ GC cycle" || goals[0].limit.bound != 0.75 {
		t.Errorf("%+v", goals)
	}
	if got := r.missed(); got != "1 of 1 goals are met.\n" { // 0.75 is what is asked
		t.Error(got)
	}
	if got := goals[0].measured.ofLeast; got != 1 {
		t.Errorf("the least times are 1 ms each, their ratio %v", got)
	}
}

func TestJudge(t *testing.T) {
	m := medianOf([]float64{9, 10, 11}) // an interval of extremes, for there are but three
	for _, test := range []struct {
		bound   float64
		atLeast bool
		want    string
	}{
		{11, false, ""},
		{10, false, ""},
		{9.5, false, unclear},
		{9, false, unclear},
		{8.9, false, missed},
		{9, true, ""},
		{10, true, ""},
		{10.5, true, unclear},
		{11, true, unclear},
		{11.1, true, missed},
	} {
		if got := (limit{test.bound, test.atLeast}).judge(m); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
	exact := median{Summary: benchmath.Summary{Center: 3, Lo: 3, Hi: 3}, alone: true}
	if got := (limit{bound: 2}).judge(exact); got != missed {
		t.Errorf("%q", got)
	}
}

func TestUndecided(t *testing.T) {
	w := workload{name: "a list", floor: 0.75}
	for _, test := range []struct {
		nanoseconds []float64 // of go; the collector takes 100
		want        bool
	}{
		{[]float64{70, 71, 72, 76, 77, 78}, true},
		{[]float64{78, 77, 76, 74, 71, 70}, true},
		{[]float64{70, 71, 72, 72, 73, 74}, false},
		{[]float64{76, 77, 78, 78, 79, 80}, false},
		{[]float64{70, 80}, false}, // no interval
	} {
		r := newResults()
		for by, values := range map[string][]float64{
			collector: slices.Repeat([]float64{100}, len(test.nanoseconds)), "go": test.nanoseconds,
		} {
			r.of[nameOf(w.name, by)] = &result{values: map[string][]float64{perObject: values}}
		}
		if got := r.undecided(w); got != test.want {
			t.Errorf("%v: %v", test.nanoseconds, got)
		}
	}
}

func TestGroups(t *testing.T) {
	list, tree, value := choose("list random")[0], choose("tree random")[0], choose("1 GiB")[0]
	picked, err := pick("gc,go,go-path,portable-go,size")
	if err != nil {
		t.Fatal(err)
	}
	const n = 3_000_000
	for _, test := range []struct {
		w    workload
		want string
	}{
		{list, "gc go go-path 3000000; gc portable-go 3000000 portable; gc size 1000000 deep"},
		{tree, "gc go go-path size 3000000; gc portable-go 3000000 portable"},
		{value, "gc go size 3000000; gc portable-go 3000000 portable"},
	} {
		var all []string
		for _, g := range groups(test.w, picked, n, "portable") {
			var words []string
			for _, c := range g.contenders {
				words = append(words, c.name)
			}
			words = append(words, strings.ReplaceAll(count(float64(g.n)), ",", ""))
			if g.binary != "" {
				words = append(words, g.binary)
			}
			if g.deep {
				words = append(words, "deep")
			}
			all = append(all, strings.Join(words, " "))
		}
		if got := strings.Join(all, "; "); got != test.want {
			t.Errorf("%s: %s, want %s", test.w.name, got, test.want)
		}
	}
}

func TestChoices(t *testing.T) {
	if got := choose("tree, JSON"); len(got) != 4 || got[3].name != "decoded JSON" {
		t.Errorf("%v", got)
	}
	if len(choose("")) != len(workloads) {
		t.Error("all without a word")
	}
	if _, err := pick("gc,nobody"); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("%v", err)
	}
	for _, s := range []settings{
		{workloads: "nothing"}, {contenders: "nobody"}, {in: "/nonexistent"}, {markdown: true},
	} {
		if err := run(&bytes.Buffer{}, s, nil); err == nil {
			t.Errorf("no error for %+v", s)
		}
	}
}

func TestPages(t *testing.T) {
	folder := t.TempDir()
	all, short := filepath.Join(folder, "all.md"), filepath.Join(folder, "short.md")
	for file, text := range map[string]string{
		all:   "a\n" + beginAll + "\n" + endAll + "\nz\n",
		short: "a\n" + beginShort + "\n" + endShort + "\nz\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := synthetic(t, lines)
	if err := r.put([]string{all, short}); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		all:   "| list random | 100 | 20,000 | 10,000 | 0.75 ",
		short: "| `list random` | 100 | 20,000 | 0.75 |  | 10.0 |",
	} {
		if got, err := os.ReadFile(file); err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s, %v: %s", filepath.Base(file), err, got)
		}
	}
}

func TestFigures(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{figure(0), "0"},
		{figure(0.001), "< 0.01"},
		{figure(0.123), "0.12"},
		{figure(9.87654), "9.88"},
		{figure(98.7654), "98.8"},
		{figure(1234.5), "1,234"},
		{count(1234567), "1,234,567"},
		{duration(5.4e-9), "5.40 ns"},
		{duration(20e-6), "20.0 µs"},
		{duration(0.0301), "30.1ms"},
		{duration(3.987), "3.99s"},
		{binary(1600), "1.56 KiB"},
		{binary(1 << 30), "1.00 GiB"},
		{medianOf([]float64{9, 10, 12}).spread(), "-10…+20 %"},
		{medianOf([]float64{9, 10, 10, 10, 10, 10, 11}).spread(), "± 10 %"},
		{median{Summary: benchmath.Summary{Center: 3}, alone: true}.spread(), ""},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

// Those who recurse live through the longest list on which they are measured.
func TestDeepestList(t *testing.T) {
	if testing.Short() {
		t.Skip("takes gigabytes of stack")
	}
	defer debug.SetMaxStack(debug.SetMaxStack(maxStack))
	g := built(t, choose("list random")[0], deepest)
	for _, c := range contenders {
		if c.when&recurses != 0 {
			if got := c.take(g, 1).found; got < deepest*16 {
				t.Errorf("%s finds %d bytes", c.name, got)
			}
		}
	}
}
