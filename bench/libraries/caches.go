package main

import (
	"context"
	"fmt"
	"os"

	"github.com/dgraph-io/ristretto/v2"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/maypok86/otter/v2"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
)

var caches = map[string]func() any{
	"golang-lru": func() any {
		c := must(lru.New[string, *user](50_000))
		for i := range 50_000 {
			c.Add(fmt.Sprint("key ", i), newUser(i))
		}
		return c
	},
	"golang-lru 2Q": func() any {
		c := must(lru.New2Q[string, *user](50_000))
		for i := range 50_000 {
			c.Add(fmt.Sprint("key ", i), newUser(i))
		}
		return c
	},
	"otter": func() any {
		c := otter.Must(&otter.Options[string, *user]{MaximumSize: 60_000})
		for i := range 50_000 {
			c.Set(fmt.Sprint("key ", i), newUser(i))
		}
		return c
	},
	"ristretto": func() any {
		c := must(ristretto.NewCache(&ristretto.Config[string, *user]{
			NumCounters: 100_000, MaxCost: 1 << 40, BufferItems: 64}))
		for i := range 50_000 {
			c.Set(fmt.Sprint("key ", i), newUser(i), 1)
			if i%100 == 0 {
				c.Wait()
			}
		}
		c.Wait() // and not closed, which would empty it
		return c
	},
	"prometheus tsdb head": func() any {
		options := tsdb.DefaultHeadOptions()
		options.ChunkDirRoot = must(os.MkdirTemp("", "zoo-"))
		defer os.RemoveAll(options.ChunkDirRoot)
		head := must(tsdb.NewHead(nil, nil, nil, nil, options, nil))
		app := head.Appender(context.Background())
		for i := range 20_000 {
			series := labels.FromStrings("__name__", fmt.Sprint("metric", i%200), "instance",
				fmt.Sprint("host-", i%500), "path", fmt.Sprint("/", i))
			for t := range int64(5) {
				must(app.Append(0, series, 1000*t, float64(i)))
			}
		}
		if err := app.Commit(); err != nil {
			panic(err)
		}
		return head
	},
}
