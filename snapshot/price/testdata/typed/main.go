// Command typed makes random values of the types in a file beside it, encodes them with
// encoding/gob, decodes them into these types and into later versions of them, and prints what they then cost and
// what the types are, a JSON object a line.
package main

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

// sample is a type to make values of, and a later version of it.
type sample struct{ typ, twin reflect.Type }

func of[T, U any]() sample { return sample{reflect.TypeFor[T](), reflect.TypeFor[U]()} }

// box notes that interfaces hold values of T.
func box[T any]() { boxes = append(boxes, reflect.TypeFor[T]()) }

// More types that interfaces hold.
type (
	lone  uint8
	loner map[string]**loner
)

func init() {
	box[*lone]()
	box[**loner]()
	box[*[]*int8]()
	box[[3]int8]()
	box[[2][2]string]()
	box[struct{}]()
	box[[]struct{}]()
	box[map[string]struct{}]()
	box[map[int8]map[bool]*uint16]()
	box[time.Time]()
	box[complex64]()
	box[bool]()
}

func main() {
	seed, err := strconv.ParseUint(os.Args[1], 10, 64)
	if err != nil {
		panic(err)
	}
	for _, t := range append(boxes, speakers...) {
		gob.Register(reflect.Zero(t).Interface())
	}
	out := json.NewEncoder(os.Stdout)
	for i, s := range samples {
		f := filler{rand.New(rand.NewPCG(seed, uint64(i)))}
		streams, ok := f.streams(s.typ)
		if !ok {
			continue
		}
		for _, t := range []reflect.Type{s.typ, s.twin} {
			costs, err := totals(streams, t)
			if err != nil { // encoding/gob cannot decode all that it writes
				fmt.Fprintf(os.Stderr, "%v from %v: %v\n", t, s.typ, err)
				continue
			}
			if err := out.Encode(map[string]any{
				"Type": fmt.Sprint(t, " from ", s.typ), "Twin": t != s.typ, "Layout": layoutOf(t),
				"Stream": bytes.Join(streams, nil), "Totals": costs,
			}); err != nil {
				panic(err)
			}
		}
	}
}

// streams is some values of a type, encoded by one encoder or several, one value each; not ok where
// gob cannot.
func (f filler) streams(t reflect.Type) (list [][]byte, ok bool) {
	var out bytes.Buffer
	enc := gob.NewEncoder(&out)
	for range 1 + f.IntN(3) {
		v := reflect.New(t).Elem()
		f.fill(v, 4)
		if enc.EncodeValue(v) != nil {
			return nil, false
		}
		list = append(list, bytes.Clone(out.Bytes()))
		if out.Reset(); f.IntN(5) == 0 {
			enc = gob.NewEncoder(&out)
			list = append(list, nil) // another decoder goes on
		}
	}
	return list, true
}

// layoutOf is the Go types of a stream of values of type t.
func layoutOf(t reflect.Type) *layout.Layout {
	l := &layout.Layout{Origin: "test", GOARCH: runtime.GOARCH, Type: rules.TypeOf(t)}
	for _, held := range append(boxes, speakers...) {
		note(l, held)
	}
	return l
}

// note adds what has a name in t to what a layout knows.
func note(l *layout.Layout, t reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		if t.Name() != "" {
			break
		}
		if note(l, t.Elem()); t.Kind() == reflect.Map {
			note(l, t.Key())
		}
	}
	if t.PkgPath() != "" {
		l.Known = append(l.Known, rules.TypeOf(t))
	}
}

// totals is what all values of a stream cost once decoded into t, by model, if they share nothing.
func totals(streams [][]byte, t reflect.Type) (sums map[string]rules.Parts, err error) {
	defer func() {
		if e := recover(); e != nil { // encoding/gob's own
			err = fmt.Errorf("panic: %v", e)
		}
	}()
	sums = map[string]rules.Parts{}
	in := &bytes.Buffer{}
	dec := gob.NewDecoder(in)
	for _, stream := range streams {
		if stream == nil {
			dec = gob.NewDecoder(in)
			continue
		}
		in.Write(stream)
		p := reflect.New(t)
		if err := dec.DecodeValue(p); err != nil {
			return nil, err
		}
		for _, name := range []string{"core", "core-32", "core-golayout", "core+jemalloc", "crate",
			"libstdcxx"} {
			m, err := rules.Lookup(name)
			if err != nil {
				return nil, err
			}
			r := memsize.Scan(p.Elem().Interface(), memsize.WithModel(m), memsize.CapIsLen(),
				memsize.PerReference())
			sums[name] = sums[name].Plus(r.Parts)
		}
	}
	return sums, nil
}
