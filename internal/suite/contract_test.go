package suite_test

import (
	"context"
	"io"
	"iter"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/malloc"
	"github.com/bitcoin-mem/memsize/memsizehttp"
	"github.com/bitcoin-mem/memsize/memsizetest"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/watch"
)

// The public API is a contract: programs that nobody here sees compile against it. What is named here
// may get more, and may not change.
var (
	_ func(uint64) uint64                    = malloc.Usage
	_ func(string) (malloc.Allocator, error) = malloc.Lookup
	_ func() []string                        = malloc.Names
	_ interface {
		Name() string
		Usage(uint64) uint64
	} = malloc.Allocator(nil)

	_ func() *rules.Model                                = rules.Core
	_ func() *rules.Model                                = rules.Crate
	_ func() *rules.Model                                = rules.Go
	_ func(string) (*rules.Model, error)                 = rules.Lookup
	_ func() []string                                    = rules.Names
	_ func(*rules.Model) string                          = (*rules.Model).Name
	_ func(*rules.Model, string) *rules.Model            = (*rules.Model).Named
	_ func(*rules.Model, reflect.Type) (uint64, uint64)  = (*rules.Model).Sizeof
	_ func(*rules.Model, ...rules.Override) *rules.Model = (*rules.Model).With
	_ func(string) (rules.Rule, error)                   = rules.Parse
	_ func(reflect.Type) error                           = rules.Check
	_ func(int) rules.Rule                               = rules.Prevector
	_ func(uint64) rules.Rule                            = rules.PoolUnorderedMap
	_ func(reflect.Kind, rules.Rule) rules.Override      = rules.ForKind
	_ func(rules.Rule) rules.Override                    = rules.ForType[[]int]
	_ func(string, rules.Rule) rules.Override            = rules.ForField[http.Server]
	_ func(rules.Container, uint64) uint64               = rules.Container.Alloc
	_ func(rules.Container) uint64                       = rules.Container.PointerSize
	_                                                    = []func() rules.Rule{rules.Vector, rules.String, rules.Set, rules.Map, rules.IndirectMap, rules.UnorderedSet, rules.UnorderedMap, rules.List, rules.UniquePtr, rules.SharedPtr, rules.RawPtr, rules.Skip}

	_ func(any, ...memsize.Option) uint64                                               = memsize.Of
	_ func(any, ...memsize.Option) uint64                                               = memsize.Heap
	_ func(any, ...memsize.Option) uint64                                               = memsize.Dynamic
	_ func(any, ...memsize.Option) (uint64, error)                                      = memsize.Incremental
	_ func(any, ...memsize.Option) *memsize.Report                                      = memsize.Scan
	_ func(context.Context, any, ...memsize.Option) (*memsize.Report, error)            = memsize.ScanContext
	_ func(map[string]any, ...memsize.Option) *memsize.Report                           = memsize.ScanRoots
	_ func(context.Context, map[string]any, ...memsize.Option) (*memsize.Report, error) = memsize.ScanRootsContext
	_ func(io.Writer, any, ...memsize.Option) error                                     = memsize.Dump
	_ func(...memsize.Option) *memsize.Sizer[int]                                       = memsize.New[int]
	_ func(*memsize.Sizer[int], *int) uint64                                            = (*memsize.Sizer[int]).Of
	_ func(...memsize.Option) func(*int) uint64                                         = memsize.Cost[int]
	_ func(any) any                                                                     = memsize.Var
	_ func(any) map[string]any                                                          = memsize.Fields
	_ func(*rules.Model) memsize.Option                                                 = memsize.WithModel
	_ func(...*rules.Model) memsize.Option                                              = memsize.WithModels
	_                                                                                   = []func() memsize.Option{memsize.PerReference, memsize.CapIsLen, memsize.OnHeap, memsize.WithRetained, memsize.WithWaste}
	_                                                                                   = []func(int) memsize.Option{memsize.WithBiggest, memsize.Parallel}
	_ error                                                                             = memsize.ErrLimit
	_ error                                                                             = memsize.ErrNoIncrement

	_ func(*report.Report) iter.Seq[*report.Node]               = (*report.Report).Nodes
	_ func(*report.Report, int, report.Column) []*report.Node   = (*report.Report).Top
	_                                                           = []report.Column{report.ByTotal, report.ByOwn, report.ByRetained}
	_ func(*report.Report, io.Writer, report.HTMLOptions) error = (*report.Report).WriteHTML
	_ func(*report.Diff, io.Writer, report.HTMLOptions) error   = (*report.Diff).WriteHTML
	_ func(*report.Report, *report.Report) *report.Diff         = report.Compare

	_ func(...memsize.Option) *watch.Watch                        = watch.New
	_ func(*watch.Watch, string, any, ...watch.RootOption)        = (*watch.Watch).Add
	_ func(sync.Locker) watch.RootOption                          = watch.Lock
	_ func(time.Duration) watch.RootOption                        = watch.Budget
	_ func(*watch.Watch, context.Context) (*report.Report, error) = (*watch.Watch).Scan
	_ func(*watch.Watch) (*report.Report, time.Time)              = (*watch.Watch).Last
	_ func(*watch.Watch, ...memsizehttp.Option) http.Handler      = memsizehttp.Handler
	_ func(func(*http.Request) bool) memsizehttp.Option           = memsizehttp.AllowRemote
	_ func(time.Duration) memsizehttp.Option                      = memsizehttp.MaxAge
	_                                                             = func(t testing.TB, v any, build func(int) any) {
		memsizetest.AtMost(t, v, "1 KiB")
		memsizetest.PerElement(t, build, 100, "24 B")
		memsizetest.Golden(t, v)
		memsizetest.Agree(t, v, 100, 0.1)
		memsizetest.NoGrowth(t, v, func() {}, 10)
	}
	_ = func(b *testing.B, v any) { memsizetest.Report(b, v) }
)

// The fields of a report that are promised, with their types.
func TestContractOfReports(t *testing.T) {
	var r report.Report
	var n report.Node
	_, _, _, _, _, _ = r.Model, r.Total, r.Parts, r.Models, r.Types, r.Tree
	_, _, _, _ = r.Unaccounted, r.Static, r.Pinned, r.Truncated
	_, _ = r.Coverage, r.Program
	var _ []report.Saving = r.Waste
	var _, _ uint64 = n.Retained, report.TypeFigures{}.Retained
	var _, _ bool = n.RetainedExact, report.TypeFigures{}.RetainedExact
	var _ uint64 = report.RootFigures{}.Only
	var _ []report.Entry = n.Biggest
	_ = report.Entry{Key: "", Retained: 0, Path: ""}
	_ = report.Saving{Kind: "", Path: "", Type: "", Count: 0, Bytes: 0, Advice: ""}
}
