package browsertest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// Whatever is done on a page, it asks for nothing but itself.
func TestNothingIsAskedFor(t *testing.T) {
	r := both(newService(200))
	o := report.HTMLOptions{Home: "../", Links: []report.HTMLLink{{Name: "JSON", URL: "json"}}}
	for kind, page := range map[string][]byte{
		"report": pageOf(t, r, o), "diff": pageOfDiff(t, both(newService(100)), r, o),
		"empty":       pageOf(t, memsize.Scan(nil), o),
		"zero":        pageOf(t, &report.Report{}, o),
		"scalar":      pageOf(t, memsize.Scan(5), o),
		"string":      pageOf(t, memsize.Scan("a string of more than fifteen bytes"), o),
		"roots":       pageOf(t, memsize.ScanRoots(map[string]any{"a": &[]int{1}, "b": map[string]int{"k": 1}}), o),
		"nothing new": pageOfDiff(t, r, r, o),
		"all new":     pageOfDiff(t, memsize.Scan(nil), memsize.Scan([]string{"only one of them has anything"}), o),
		"all gone":    pageOfDiff(t, memsize.Scan([]string{"only one of them has anything"}), memsize.Scan(nil), o),
		"two models": pageOfDiff(t, memsize.Scan(r, memsize.WithModel(rules.Core())),
			memsize.Scan(r, memsize.WithModel(rules.Crate())), o),
	} {
		t.Run(kind, func(t *testing.T) {
			b := open(t, page, "", wide)
			require.Equal(t, "../", eval[string](b, "document.getElementById('home').getAttribute('href')"))
			for _, view := range []string{"#view=icicle", "#by=own", "#by=unused&view=icicle", "#by=change", "#find=s", "#sort=own", "#sort=count", "#at=root"} {
				b.show(view)
			}
			b.click("document.getElementById('theme')")
			b.hover("document.querySelector('#map')")
			b.clean()
		})
	}
}
