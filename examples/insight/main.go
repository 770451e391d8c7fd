// Command insight asks five questions of a service that holds sessions: what is it made of, which entry is
// biggest, who holds this buffer, what grew between two scans, and what would be saved. Its output is in
// docs/insight.md.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
)

type session struct {
	open  bool
	id    uint64
	admin bool
	user  string
	log   [][]byte
	data  map[string]any
}

type service struct {
	sessions  map[string]*session
	recent    []*session
	audit     map[int]*[64]byte
	countries []string
}

// serve is what happens between two scans: one audit record too many is kept for each.
func (s *service) serve(step int) { s.audit[step] = new([64]byte) }

func newService() *service {
	s := &service{sessions: map[string]*session{}, audit: map[int]*[64]byte{}}
	for i := range 2000 {
		one := &session{id: uint64(i), user: fmt.Sprint("user number ", i), log: make([][]byte, 0, 64),
			data: map[string]any{"limit": i}}
		for k := range 1 + i%8 {
			one.log = append(one.log, []byte(strings.Repeat("a line of a log ", 1+k)))
		}
		s.sessions[fmt.Sprintf("s%04d", i)] = one
		s.countries = append(s.countries, strings.Clone([]string{"Republic of Ireland", "Kingdom of Norway"}[i%2]))
		if i%100 == 0 {
			s.recent = append(s.recent, one)
		}
	}
	s.sessions["s0700"].log[0] = make([]byte, 100_000) // an upload that was never let go of
	return s
}

func main() {
	s := newService()
	fmt.Println("## What is it made of, and which entry is biggest?")
	check(memsize.Dump(os.Stdout, s, memsize.OnHeap(), memsize.WithBiggest(3)))

	fmt.Println("\n## Who holds this buffer?")
	chains, err := memsize.Holders(map[string]any{"s": s}, s.sessions["s0700"].log[0])
	check(err)
	for _, chain := range chains {
		fmt.Println(chain)
	}

	fmt.Println("\n## What grew?")
	var reports []*report.Report
	for step := range 5 {
		s.serve(step)
		reports = append(reports, memsize.Scan(s, memsize.OnHeap()))
	}
	fmt.Print(report.Growth(reports...))

	fmt.Println("\n## What would be saved?")
	for _, w := range memsize.Scan(s, memsize.OnHeap(), memsize.WithWaste()).Waste {
		fmt.Printf("%7d bytes  %s (%d) at %s: %s\n", w.Bytes, w.Kind, w.Count, w.Path, w.Advice)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
