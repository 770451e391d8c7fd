package report_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
)

// app has a leak of one entry a step among 50 caches that grow, by far more, and stop.
type app struct {
	Leak   map[int]*[64]byte
	Caches [50]struct{ Entries []*[4096]byte }
}

// growthOf are reports of an app, a step after another.
func growthOf(steps int) (list []*report.Report) {
	a := &app{Leak: map[int]*[64]byte{}}
	roots := map[string]any{"leak": memsize.Var(&a.Leak)}
	for i := range a.Caches {
		roots[fmt.Sprint("cache", i)] = memsize.Var(&a.Caches[i].Entries)
	}
	for step := range steps {
		a.Leak[step] = new([64]byte)
		for i := range a.Caches {
			if step < 1+i%(steps-1) {
				a.Caches[i].Entries = append(a.Caches[i].Entries, new([4096]byte))
			}
		}
		list = append(list, memsize.ScanRoots(roots))
	}
	return list
}

// A leak of one small entry a step comes before places that grow by more and stop.
func TestGrowthFindsTheLeak(t *testing.T) {
	const steps = 8
	trend := report.Growth(growthOf(steps)...)
	require.Equal(t, "leak[]", trend.Places[0].Path, trend.String())
	require.Equal(t, steps-1, trend.Places[0].Steps)
	require.Equal(t, steps-1, trend.Places[0].Until)
	require.Less(t, trend.Places[2].Steps, steps-1, "all others stop")
	require.Contains(t, trend.String(), "leak[]")
	text, err := trend.JSON()
	require.NoError(t, err)
	var again report.Trend
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, *trend, again)
}

// What shrinks again, and what is gone, is no growth; nor is there any without two reports.
func TestGrowthOfNothing(t *testing.T) {
	list := growthOf(4)
	require.Empty(t, report.Growth().Places)
	require.Empty(t, report.Growth(list[0]).Places)
	require.Empty(t, report.Growth(list[3], list[0]).Places, "backwards")
	require.Empty(t, report.Growth(list[0], list[3], list[0]).Places)
	require.Contains(t, report.Growth(list[0], list[0]).String(), "nothing grew")
}

// TestGrowthOfInlineEntries: entries that lie in a map's tables take no block of their own, and the tables
// grow in jumps. A map that gets one at each step comes first all the same.
func TestGrowthOfInlineEntries(t *testing.T) {
	type app struct {
		Leak  map[int]int64
		Grows [][]byte
	}
	a := &app{Leak: map[int]int64{}}
	var reports []*report.Report
	for step := range 10 {
		a.Leak[step] = 1
		if step < 6 {
			a.Grows = append(a.Grows, make([]byte, 5000))
		}
		reports = append(reports, memsize.Scan(memsize.Var(a), memsize.OnHeap()))
	}
	trend := report.Growth(reports...)
	require.Equal(t, "root.Leak", trend.Places[0].Path, trend.String())
	require.Equal(t, 9, trend.Places[0].Steps)
}
