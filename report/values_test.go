package report_test

import (
	"context"
	"strings"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

type (
	shop struct {
		Name  string
		Users map[string]*user
		Cache []byte
		Log   func()
	}
	user struct {
		ID     uint32
		Tags   []string
		Extra  any
		Avatar []byte `memusage:"prevector=36"`
		Friend *user
	}
)

// newShop is a value with a container of most kinds, without memory that is shared, so that its
// report does not depend on the order of map entries.
func newShop() *shop {
	s := &shop{
		Name: strings.Repeat("shop ", 10), Users: map[string]*user{},
		Cache: make([]byte, 100, 4096), Log: func() {},
	}
	for i, name := range []string{"ann", "bob", "a user with a long name"} {
		s.Users[name] = &user{
			ID: uint32(i), Tags: []string{strings.Clone("vip"), strings.Repeat("tag", 8*i)},
			Extra: uint64(i + 1000), Avatar: make([]byte, 20*(i+1)), Friend: &user{ID: 9},
		}
	}
	return s
}

// model is a model by name.
func model(name string) *rules.Model {
	m, err := rules.Lookup(name)
	if err != nil {
		panic(err)
	}
	return m
}

// reports are real reports of every sort, by name.
func reports() map[string]*report.Report {
	three := memsize.WithModels(rules.Core(), model("core-32"), rules.Crate())
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	type cell struct{ Next *cell }
	var chain *cell
	for range 5000 {
		chain = &cell{chain}
	}
	stopped, _ := memsize.ScanContext(cancelled, chain)
	return map[string]*report.Report{
		"nothing": memsize.Scan(nil),
		"scalar":  memsize.Scan(42),
		"shop":    memsize.Scan(newShop()),
		"bounds":  bounded(memsize.Scan(newShop(), three)),
		"models":  memsize.Scan(newShop(), three),
		"roots": memsize.ScanRoots(map[string]any{
			"shop": newShop(), "names": []string{"x"}, "none": nil}),
		"modelled": memsize.Scan(newShop(), memsize.WithModel(model("go-386"))),
		"stopped":  stopped,
	}
}

// bounded is a report with bounds as a snapshot's has them: that are one figure, two, or only a least.
func bounded(r *report.Report) *report.Report {
	least, most := r.Total-100, r.Total+5000
	for i, b := range []report.Bounds{{r.Total, &r.Total}, {least, &most}, {least, nil}} {
		r.Models[i].Shown, r.Models[i].Bounds = &b, &report.Bounds{Min: least, Max: b.Max}
	}
	r.Unbounded = []report.Unbounded{{Path: "root.Any", Type: "T", Reason: "encodes itself"}}
	return r
}
