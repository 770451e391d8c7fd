package report_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/report"
)

// wide is a report with many of everything, and long names.
func wide() *report.Report {
	r := &report.Report{Schema: report.Schema, Model: "go", Total: 1 << 30, Tree: &report.Node{Path: "root", Total: 1 << 30}}
	for i := range 3000 {
		name := fmt.Sprint(strings.Repeat("a.long.name.", 30), i)
		r.Types = append(r.Types, report.TypeFigures{Type: name})
		r.Unaccounted = append(r.Unaccounted, report.Unaccounted{Path: name, Type: name})
		r.Waste = append(r.Waste, report.Saving{Path: name, Advice: name})
		r.Roots = append(r.Roots, report.RootFigures{Name: name, Total: uint64(i)})
		child := &report.Node{Path: name, Step: name, Type: name, Total: uint64(i)}
		for range 50 {
			child.Biggest = append(child.Biggest, report.Entry{Key: name, Path: name})
		}
		r.Tree.Children = append(r.Tree.Children, child)
	}
	return r
}

// With minimal detail the JSON is small, whatever is in the report; the largest is kept, and the report
// itself as it was.
func TestMinimalIsSmall(t *testing.T) {
	r := wide()
	small := r.WithDetail(report.DetailMinimal)
	text, err := small.JSON()
	require.NoError(t, err)
	require.Less(t, len(text), report.MinimalJSON)
	require.Equal(t, r.Total, small.Total)
	require.NotEmpty(t, small.Types)
	require.Equal(t, 3000, len(r.Tree.Children))
	middle := r.WithDetail(report.DetailDefault)
	require.Equal(t, 1999, len(middle.Tree.Children))
	require.Equal(t, "default", middle.Detail)
	require.Same(t, r, r.WithDetail(report.DetailMax))
}

// Details are chosen by name.
func TestParseDetail(t *testing.T) {
	for _, d := range []report.Detail{report.DetailDefault, report.DetailMinimal, report.DetailMax} {
		got, err := report.ParseDetail(d.String())
		require.NoError(t, err)
		require.Equal(t, d, got)
	}
	_, err := report.ParseDetail("much")
	require.ErrorContains(t, err, "minimal, default or max")
}
