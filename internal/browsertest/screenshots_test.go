package browsertest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
)

var screenshots = flag.String("screenshots", "", "write screenshots into this folder")

// TestScreenshots writes what a person sees first, for docs; make screenshots calls it.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no folder is named: see make screenshots")
	}
	before, after := newService(3000), newService(4500)
	after.Blobs, after.Queue = after.Blobs[:40], nil
	service := pageOf(t, memsize.Scan(after, memsize.OnHeap()), report.HTMLOptions{Title: "service", Home: "./",
		Links: []report.HTMLLink{{Name: "text", URL: "?debug=1"}, {Name: "JSON", URL: "json"}, {Name: "pprof", URL: "pprof"}}})
	diff := pageOfDiff(t, memsize.Scan(before, memsize.OnHeap()), memsize.Scan(after, memsize.OnHeap()),
		report.HTMLOptions{Title: "service: now and at 11:40"})
	utxo := pageOf(t, snapshotOf(t, "sessions.gob"), report.HTMLOptions{Title: "sessions.gob"})
	for _, shot := range []struct {
		name string
		page []byte
		view string
		on   screen
	}{
		{"page", service, "", screen{1280, 1000, false}},
		{"page-dark", service, "#view=icicle", screen{1280, 1000, true}},
		{"page-narrow", utxo, "", screen{400, 900, false}},
		{"page-diff", diff, "", screen{1280, 1000, false}},
	} {
		b := open(t, shot.page, shot.view, shot.on)
		png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(*screenshots, shot.name+".png"), png, 0o644))
	}
}
