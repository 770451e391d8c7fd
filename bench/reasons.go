package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// The lines between which the profiles stand in a page.
const (
	beginReasons = "<!-- speed, where it goes: made by bench -->"
	endReasons   = "<!-- speed, where it goes: end -->"
)

// mainFunctions is how many functions are shown of a profile.
const mainFunctions = 5

// reasons is a table of the functions in which most of the time goes, for each graph and for go
// and core.
func reasons(progress io.Writer, s settings, chosen []workload) (string, error) {
	folder, err := os.MkdirTemp("", "memsize-bench-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	t := grid("graph", "by", "where its time goes, per cent by function")
	t.SetColumnConfigs(nil)
	for _, w := range chosen {
		if w.single() {
			continue
		}
		for _, by := range []string{"go", "core"} {
			fmt.Fprintf(progress, "%s by %s\n", w.name, by)
			picked, err := pick(by)
			if err != nil {
				return "", err
			}
			file := filepath.Join(folder, "profile")
			g := group{contenders: picked, n: s.objects(w), profile: file}
			if _, err := g.run(w, s.runs); err != nil {
				return "", err
			}
			shares, err := sharesOf(file, by)
			if err != nil {
				return "", err
			}
			t.AppendRow([]any{w.name, by, shares})
		}
	}
	return t.RenderMarkdown() + "\n", nil
}

// sharesOf tells what part of a contender's time goes into which functions.
func sharesOf(file, by string) (string, error) {
	in, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer in.Close()
	p, err := profile.Parse(in)
	if err != nil {
		return "", err
	}
	time, all := map[string]int64{}, int64(0)
	for _, s := range p.Sample {
		if slices.Contains(s.Label["by"], by) {
			time[leaf(s)] += s.Value[len(s.Value)-1]
			all += s.Value[len(s.Value)-1]
		}
	}
	names := slices.SortedFunc(maps.Keys(time), func(a, b string) int {
		return cmp.Or(cmp.Compare(time[b], time[a]), strings.Compare(a, b))
	})
	var parts []string
	for _, name := range names[:min(len(names), mainFunctions)] {
		parts = append(parts, fmt.Sprintf("%.0f `%s`", 100*float64(time[name])/float64(all), name))
	}
	return strings.Join(parts, ", "), nil
}

// leaf is the function in which a sample was taken, inlined or not.
func leaf(s *profile.Sample) string {
	if len(s.Location) == 0 || len(s.Location[0].Line) == 0 {
		return "unknown"
	}
	name := s.Location[0].Line[0].Function.Name
	name = strings.TrimPrefix(name, "github.com/bitcoin-mem/memsize/")
	name, _, _ = strings.Cut(name, "[...]") // type parameters
	return name
}
