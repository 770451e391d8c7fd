// Command gob compares the scan of a gob snapshot with encoding/gob, which decodes it into the
// type that was written: each run in a process of its own, in turn, and prints the medians as a
// Markdown table. With -flat it shows instead that the memory of a scan does not grow with its
// input. Corpora are made on the way, in a temporary folder.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

func main() {
	scale := flag.Float64("scale", 1, "size of the corpora, of 468 MB for the first")
	runs := flag.Int("runs", 3, "runs of each, of which the median counts")
	only := flag.String("only", "", "only corpora with this in their name")
	flat := flag.Bool("flat", false, "memory of a scan by the size of its input instead")
	task := flag.String("task", "", "measure in this process: scan or decode")
	number := flag.Int("corpus", 0, "for -task: which corpus the file is")
	file := flag.String("file", "/dev/stdin", "for -task: the file")
	flag.Parse()
	err := error(nil)
	switch {
	case *task != "":
		err = measure(*task, corpora[*number], *file)
	case *flat:
		err = flatTable()
	default:
		err = table(*scale, *runs, *only)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/gob:", err)
		os.Exit(1)
	}
}

// table measures all corpora.
func table(scale float64, runs int, only string) error {
	fmt.Printf("%s, %s/%s, %d processors; medians of %d; encoding/gob into the type that was written\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runs)
	fmt.Println("| snapshot | MB | scan s | MB/s | scan MiB | decode s | decode MiB | wall | CPU | goal |")
	fmt.Println("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	for i, c := range corpora {
		if strings.Contains(c.name, only) {
			if err := row(i, c, scale, runs); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	return nil
}

// row makes a corpus, measures it and prints its line.
func row(i int, c corpus, scale float64, runs int) error {
	folder, err := os.MkdirTemp("", "memsize-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "corpus.gob")
	size, err := create(c, path, max(int(float64(c.full)*scale), 1000))
	if err != nil {
		return err
	}
	var scans, decodes []sample
	for range runs {
		for _, t := range []struct {
			task string
			list *[]sample
		}{{"scan", &scans}, {"decode", &decodes}} {
			s, err := child(nil, "-task", t.task, "-corpus", strconv.Itoa(i), "-file", path)
			if err != nil {
				return err
			}
			*t.list = append(*t.list, s)
		}
	}
	scan, decode := median(scans), median(decodes)
	fmt.Printf("| %s | %.1f | %.3f | %.0f | %.1f | %.2f | %.0f | %.1f× | %.1f× | %.0f× |\n", c.name,
		float64(size)/1e6, scan.Wall, float64(size)/1e6/scan.Wall, mib(scan.Peak), decode.Wall,
		mib(decode.Peak), decode.Wall/scan.Wall, decode.CPU/scan.CPU, c.goal)
	return nil
}

// create writes a corpus of n elements and returns its size in bytes.
func create(c corpus, path string, n int) (int64, error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if err := c.write(file, n); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	return info.Size(), err
}

// child measures in a process of its own.
func child(in io.Reader, args ...string) (s sample, err error) {
	self, err := os.Executable()
	if err != nil {
		return s, err
	}
	command := exec.CommandContext(context.Background(), self, args...)
	command.Stdin, command.Stderr = in, os.Stderr
	out, err := command.Output()
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(out, &s)
}

// median of each figure.
func median(list []sample) sample {
	middle := func(figure func(sample) float64) float64 {
		var values []float64
		for _, s := range list {
			values = append(values, figure(s))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return sample{
		Wall: middle(func(s sample) float64 { return s.Wall }),
		CPU:  middle(func(s sample) float64 { return s.CPU }),
		Peak: int64(middle(func(s sample) float64 { return float64(s.Peak) })),
	}
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
