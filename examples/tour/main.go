// Command tour asks five questions of a small service: what it is made of, which entry is the biggest,
// who holds a buffer, what grew between two scans, and what could be saved.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
)

type session struct {
	User  string
	Tags  []string
	Cart  map[string]int
	Image []byte
}

type service struct {
	sessions map[string]*session
	byTenant map[int][]*session
	log      []string
}

func newService() *service {
	s := &service{sessions: map[string]*session{}, byTenant: map[int][]*session{}}
	for i := range 1000 {
		x := &session{User: fmt.Sprintf("user-%04d@example.org", i), Tags: make([]string, 2, 16), Cart: map[string]int{},
			Image: make([]byte, 200+10*(i%50))}
		x.Tags[0], x.Tags[1] = "new", fmt.Sprintf("in the shard of number %d", i%8)
		s.sessions[fmt.Sprintf("the session of number %04d", i)] = x
		s.byTenant[i%10] = append(s.byTenant[i%10], x)
	}
	for i, size := range []int{1 << 20, 1 << 16, 1 << 14} {
		s.sessions[fmt.Sprintf("the session of number %04d", 42+i)].Image = make([]byte, size)
	}
	return s
}

func main() {
	s := newService()
	question := "made of"
	if len(os.Args) > 1 {
		question = os.Args[1]
	}
	switch question {
	case "made-of":
		madeOf(s)
	case "biggest":
		biggest(s)
	case "holders":
		holders(s)
	case "grew":
		grew(s)
	case "save":
		save(s)
	default:
		fmt.Fprintln(os.Stderr, "usage: tour made-of|biggest|holders|grew|save")
		os.Exit(2)
	}
}

func madeOf(s *service) {
	if err := memsize.Dump(os.Stdout, memsize.Var(s), memsize.OnHeap()); err != nil {
		fmt.Println(err)
	}
}

func biggest(s *service) {
	r := memsize.Scan(s.sessions, memsize.OnHeap(), memsize.WithBiggest(3))
	for _, e := range r.Tree.Biggest {
		fmt.Printf("%10d bytes  %s\n", e.Retained, e.Path)
	}
}

func holders(s *service) {
	image := s.sessions["the session of number 0042"].Image
	chains, err := memsize.Holders(memsize.Fields(s), image)
	for _, c := range chains {
		fmt.Println(c)
	}
	if err != nil {
		fmt.Println(err)
	}
}

func grew(s *service) {
	var reports []*report.Report
	for range 4 {
		reports = append(reports, memsize.ScanRoots(memsize.Fields(s), memsize.OnHeap()))
		s.log = append(s.log, strings.Repeat("a line that nobody ever reads ", 20))
	}
	fmt.Print(report.Growth(reports...))
}

func save(s *service) {
	r := memsize.Scan(s, memsize.OnHeap(), memsize.WithWaste())
	for _, w := range r.Waste[:min(4, len(r.Waste))] {
		fmt.Printf("%8d bytes  %s at %s: %s\n", w.Bytes, w.Kind, w.Path, w.Advice)
	}
}
