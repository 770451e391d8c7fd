package heap_test

import (
	"fmt"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// BenchmarkRoots compares a scan of many roots with one of a struct that holds them, in turns: the ratio of
// the least times by the processor. A third of what the roots hold is shared.
func BenchmarkRoots(b *testing.B) {
	type record struct {
		name string
		tags []string
		more *record
	}
	made := func(i int) *record {
		text := fmt.Sprintf("%025d", i)
		return &record{text, []string{text + "a", text + "b"}, new(record)}
	}
	for _, n := range []int{500, 10_000} {
		roots := map[string]any{}
		var fields []reflect.StructField
		for i := range n {
			list := make([]*record, 200_000/n)
			for k := range list {
				if list[k] = made(k); k%3 == 0 && i > 0 {
					list[k] = roots[fmt.Sprint("F", i/2)].([]*record)[k]
				}
			}
			name := fmt.Sprint("F", i)
			roots[name] = list
			fields = append(fields, reflect.StructField{Name: name, Type: reflect.TypeOf(list)})
		}
		whole := reflect.New(reflect.StructOf(fields))
		for i, f := range fields {
			whole.Elem().Field(i).Set(reflect.ValueOf(roots[f.Name]))
		}
		for _, model := range []*rules.Model{rules.Go(), rules.Core()} {
			b.Run(fmt.Sprintf("%d/%s", n, model.Name()), func(b *testing.B) {
				var one, many time.Duration
				for b.Loop() {
					runtime.GC()
					used := processorTime()
					memsize.Scan(whole.Interface(), memsize.WithModel(model))
					least(&one, processorTime()-used)
					runtime.GC()
					used = processorTime()
					memsize.ScanRoots(roots, memsize.WithModel(model))
					least(&many, processorTime()-used)
				}
				b.ReportMetric(float64(many)/float64(one), "cpu-ratio")
			})
		}
	}
}
