package main

import (
	"fmt"
	"math"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// grid is a table to be rendered as text or Markdown: the first column to the left.
func grid(header ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.AppendHeader(header)
	var columns []table.ColumnConfig
	for i := range header {
		c := table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight}
		if i == 0 {
			c.Align, c.AlignHeader = text.AlignLeft, text.AlignLeft
		}
		columns = append(columns, c)
	}
	t.SetColumnConfigs(columns)
	return t
}

// block is all that was measured of one workload, for the terminal.
func (r *results) block(w workload, picked []contender) string {
	unit, each := perObject, "CPU/object"
	if w.single() {
		unit, each = perWalk, "CPU/call"
	}
	t := grid("", each, "", "least", "÷ GC", "", "÷ mark", "B/object", "allocs", "finds")
	for _, by := range rowsOf(picked) {
		cpu, ok := r.get(w.name, by, unit)
		if !ok {
			continue
		}
		row := table.Row{by, duration(cpu.Center), cpu.spread(), duration(cpu.least)}
		if ratio, ok := r.get(w.name, by, overGC); ok {
			row = append(row, figure(ratio.Center), ratio.spread())
			row = append(row, r.cell(w.name, by, overMark, figure))
			row = append(row, r.bytesEach(w.name, by, allocated))
			row = append(row, r.cell(w.name, by, allocs, count))
			heap := r.number(w.name, by, heapBytes)
			row = append(row, r.cell(w.name, by, found, func(x float64) string {
				return fmt.Sprintf("%.1f %%", 100*x/heap)
			}))
		}
		t.AppendRow(row)
	}
	return r.title(w) + "\n" + t.Render() + "\n"
}

// title says what was walked and what is asked.
func (r *results) title(w workload) string {
	title := fmt.Sprintf("%s: %s objects, %s blocks, %s on the heap", w.name,
		count(r.told(w.name, objects)), count(r.told(w.name, heapBlocks)),
		binary(r.told(w.name, heapBytes)))
	if w.floor > 0 {
		title += fmt.Sprintf("; go is to be %.2f × GC at most, better %.2f", w.floor, w.aim)
	}
	if w.single() {
		title += fmt.Sprintf("; go and core are to take %v at most", w.limit)
	}
	return title
}

func (r *results) cell(graph, by, unit string, show func(float64) string) string {
	s, ok := r.get(graph, by, unit)
	if !ok {
		return ""
	}
	return show(s.Center)
}

// rowsOf are the contenders with the collector's mark after its cycle.
func rowsOf(picked []contender) []string {
	var rows []string
	for _, c := range picked {
		rows = append(rows, c.name)
		if c.name == collector {
			rows = append(rows, marking)
		}
	}
	return rows
}

// figure is x with three digits or so.
func figure(x float64) string {
	switch {
	case x == 0:
		return "0"
	case x >= 100:
		return count(x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 0.005:
		return fmt.Sprintf("%.2f", x)
	}
	return "< 0.01"
}

// count is a whole number with commas.
func count(x float64) string {
	s := fmt.Sprintf("%.0f", x)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// duration is seconds for people.
func duration(seconds float64) string {
	if seconds >= 1e-3 {
		d := time.Duration(seconds * float64(time.Second))
		digits := math.Pow10(int(math.Log10(float64(d))) - 2)
		return d.Round(time.Duration(digits)).String()
	}
	if seconds >= 1e-6 {
		return figure(seconds*1e6) + " µs"
	}
	return figure(seconds*1e9) + " ns"
}

func binary(bytes float64) string {
	const unit = 1024
	for _, name := range []string{"B", "KiB", "MiB"} {
		if bytes < unit {
			return figure(bytes) + " " + name
		}
		bytes /= unit
	}
	return figure(bytes) + " GiB"
}
