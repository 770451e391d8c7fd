package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSteps(t *testing.T) {
	got := fmt.Sprint(steps(100_000_000))
	want := "[{1000 7} {3000 7} {10000 7} {30000 7} {100000 7} {300000 7} {1000000 7} " +
		"{3000000 4} {10000000 4} {30000000 2} {100000000 1}]"
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// grownResults are measurements of all that is plotted, at two sizes.
func grownResults(t *testing.T) *results {
	t.Helper()
	var lines bytes.Buffer
	fmt.Fprintln(&lines, "caches: L2=524288 L3=33554432")
	for _, n := range []int{1000, 3000} {
		fmt.Fprintf(&lines, "objects: %d\nheap-bytes: %d\n", n, 16*n)
		for _, name := range growing {
			for _, l := range lineOf {
				fmt.Fprintf(&lines, "Benchmark%s 1 %d sec/object\n", nameOf(name, l.by), n)
			}
		}
	}
	r := newResults()
	r.growth = true
	if err := r.read(&lines, "lines"); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPoints(t *testing.T) {
	got := fmt.Sprint(grownResults(t).points("list random", "core"))
	if want := "[{1000 1e+12} {3000 3e+12}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestPlot(t *testing.T) {
	r := grownResults(t)
	folder := t.TempDir()
	for _, test := range []struct{ file, want string }{
		{"plot.svg", ">map[uint64]*T: CPU ns per object<"},
		{"again.svg", ">L2<"},
		{"plot.png", "PNG"},
	} {
		file := filepath.Join(folder, test.file)
		if err := r.plot(file); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(got), test.want) {
			t.Errorf("%s has no %q: %v", test.file, test.want, err)
		}
	}
	if err := r.plot(filepath.Join(folder, "plot.gif")); err == nil {
		t.Error("no error for a format that is not known")
	}
	if err := newResults().plot(filepath.Join(folder, "none.svg")); err == nil {
		t.Error("no error without measurements")
	}
}
