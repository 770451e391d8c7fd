package main

import (
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/bitcoin-mem/memsize/bench/internal/page"
)

// The lines between which the tables stand in a page, all of them or the one in short.
const (
	beginAll   = "<!-- speed: made by bench -->"
	endAll     = "<!-- speed: end -->"
	beginShort = "<!-- speed in short: made by bench -->"
	endShort   = "<!-- speed in short: end -->"
)

// put writes the tables into pages, each as the page has a place for it.
func (r *results) put(files []string) error {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		begin, end, tables := beginAll, endAll, r.markdown
		if strings.Contains(string(text), beginShort) {
			begin, end, tables = beginShort, endShort, r.short
		}
		if err := page.Put(file, begin, end, tables()); err != nil {
			return err
		}
	}
	return nil
}

// markdown is all tables.
func (r *results) markdown() string {
	return r.machine() + ".\n" + r.render("\n### %s\n\n%s\n\n%s\n", table.Writer.RenderMarkdown)
}

// short is the table for those who look at one.
func (r *results) short() string {
	t := grid("graph", "objects", "GC cycle, ns/object", "`Heap`, ÷ GC", "`Of`, ÷ GC",
		"`size.Of` ÷ `Heap`")
	for _, w := range r.each(false) {
		faster := ""
		if m, ok := r.compare(w.name, "size", "go"); ok {
			faster = figure(m.Center)
		}
		t.AppendRow(table.Row{"`" + w.name + "`", count(r.told(w.name, objects)),
			r.ns(w.name, collector), r.over(w.name, "go"), r.over(w.name, "core"), faster})
	}
	return r.machine() + ".\n\n" + t.RenderMarkdown() + "\n"
}

func (r *results) over(graph, by string) string {
	m, ok := r.compare(graph, by, collector)
	if !ok {
		return ""
	}
	return figure(m.Center)
}
