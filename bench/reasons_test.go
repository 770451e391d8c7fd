package main

import (
	"bytes"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// The profile of a walk by hand is of that walk: its own function is among the first.
func TestShares(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	picked, err := pick("gc,hand")
	if err != nil {
		t.Fatal(err)
	}
	if portableBuild {
		t.Skip("hand is for the other build")
	}
	w := choose("tree random")[0]
	e := newEmitter(&bytes.Buffer{}, w.name, common, 100_000)
	e.profile = filepath.Join(t.TempDir(), "profile")
	if err := measure(e, w, picked, 100_000, 10); err != nil {
		t.Fatal(err)
	}
	got, err := sharesOf(e.profile, "hand")
	if err != nil || !strings.Contains(got, "bench.(*tree).bytes`") {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := sharesOf(filepath.Join(t.TempDir(), "none"), "hand"); err == nil {
		t.Error("no error without a profile")
	}
}
