// Command estimates measures how often the intervals of memsize.Estimate hold the truth, and how wide
// they are, by families of random values; and how wide they are for values of 1 GB in 1 ms. It writes the
// tables in docs/estimate.md anew.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

func main() {
	graphs := flag.Int("graphs", 10_000, "random values in all")
	large := flag.Bool("large", true, "measure values of 1 GB as well")
	seed := flag.Uint64("seed", 1, "of the values and the draws")
	out := flag.String("write", "", "the page whose tables are made anew; empty for standard output")
	flag.Parse()
	var page bytes.Buffer
	for _, model := range []*rules.Model{rules.Core(), rules.Go()} {
		coverage(&page, model, *graphs/2, *seed)
	}
	if *large {
		gigabytes(&page, *seed)
	}
	if err := write(*out, page.Bytes()); err != nil {
		log.Fatal(err)
	}
}

const marker = "<!-- what follows is made by go run ./internal/estimates -write docs/estimate.md -->\n"

// write puts the tables behind the marker of a page.
func write(name string, tables []byte) error {
	if name == "" {
		_, err := os.Stdout.Write(tables)
		return err
	}
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	head, _, ok := bytes.Cut(page, []byte(marker))
	if !ok {
		return fmt.Errorf("%s has no line %q", name, marker)
	}
	return os.WriteFile(name, slices.Concat(head, []byte(marker), tables), 0o644)
}

// tally is what the estimates of one family were like.
type tally struct {
	n, held, bounded int
	widths, errors   []float64 // in parts of the truth
}

func (t *tally) add(e memsize.Estimation, truth uint64) {
	t.n++
	if e.Low <= truth && truth <= e.High {
		t.held++
	}
	if e.High != math.MaxUint64 {
		t.bounded++
	}
	t.widths = append(t.widths, (float64(e.High)-float64(e.Low))/float64(max(truth, 1)))
	t.errors = append(t.errors, math.Abs(float64(e.Bytes)-float64(truth))/float64(max(truth, 1)))
}

// elements is the budget: a tenth of a value's elements, about.
const elements = 1000

// measured are the estimates of one family, under both kinds of budget.
type measured struct {
	family         family
	counted, timed tally
	lows           []float64 // of counted, in parts of the truth
}

// measure estimates random values of one family.
func measure(f family, number uint64, model *rules.Model, graphs int, seed uint64) *measured {
	m := &measured{family: f}
	for k := range graphs {
		r := rand.New(rand.NewPCG(seed, number<<32|uint64(k)))
		v := f.make(r)
		o := memsize.WithModel(model)
		truth := memsize.Of(v, o)
		if k%2 == 1 {
			m.timed.add(memsize.Estimate(v, 200*time.Microsecond, memsize.Seed(r.Uint64()), o), truth)
			continue
		}
		e := memsize.Estimate(v, 0, memsize.MaxContainers(elements), memsize.Seed(r.Uint64()), o)
		m.counted.add(e, truth)
		m.lows = append(m.lows, float64(e.Low)/float64(truth))
	}
	return m
}

// coverage writes the table of a model.
func coverage(page *bytes.Buffer, model *rules.Model, graphs int, seed uint64) {
	each := graphs / len(families)
	fmt.Fprintf(page, "\n### Model %s: %d random values\n\n", model.Name(), each*len(families))
	fmt.Fprintln(page, "| family | budget | values | truth in the interval | bounded | low / truth | width / truth | error of the guess |")
	fmt.Fprintln(page, "|---|---|---|---|---|---|---|---|")
	for i, f := range families {
		m := measure(f, uint64(i), model, each, seed)
		row(page, f, fmt.Sprintf("%d containers", elements), &m.counted, median(m.lows))
		row(page, f, "0.2 ms", &m.timed, math.NaN())
	}
}

func row(page *bytes.Buffer, f family, budget string, t *tally, low float64) {
	percent := func(x float64) string {
		switch {
		case math.IsNaN(x):
			return ""
		case x > 1e6:
			return "unbounded"
		}
		return fmt.Sprintf("%.0f %%", 100*x)
	}
	fmt.Fprintf(page, "| %s: %s | %s | %d | %.1f %% | %s | %s | %s | %s |\n", f.name, f.what, budget, t.n,
		100*float64(t.held)/float64(max(t.n, 1)), percent(float64(t.bounded)/float64(max(t.n, 1))),
		percent(low), percent(median(t.widths)), percent(median(t.errors)))
}

// median is the middle of some figures.
func median(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	slices.Sort(x)
	return x[len(x)/2]
}
