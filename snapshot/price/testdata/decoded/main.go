// Command decoded makes random values of the types in a file beside it, encodes them with
// encoding/gob, decodes them again, and prints what they then cost, a JSON object a line.
package main

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
)

// sample is a type to make values of.
type sample struct{ typ reflect.Type }

func of[T any]() sample { return sample{reflect.TypeFor[T]()} }

func main() {
	seed, err := strconv.ParseUint(os.Args[1], 10, 64)
	if err != nil {
		panic(err)
	}
	for _, t := range boxes {
		gob.Register(reflect.Zero(t).Interface())
	}
	gob.RegisterName("custom", &struct{ Q int8 }{})
	out := json.NewEncoder(os.Stdout)
	for i, s := range samples {
		f := filler{rand.New(rand.NewPCG(seed, uint64(i)))}
		stream, ok := f.stream(s.typ)
		if !ok {
			continue
		}
		costs := totals(stream, s.typ)
		if len(costs) == 0 { // encoding/gob cannot decode what it wrote: []T, with a map of []T in T
			continue
		}
		if err := out.Encode(map[string]any{
			"Type": s.typ.String(), "Stream": stream, "Totals": costs,
		}); err != nil {
			panic(err)
		}
	}
}

// stream is some values of a type, encoded; not ok where gob cannot.
func (f filler) stream(t reflect.Type) (b []byte, ok bool) {
	var out bytes.Buffer
	enc := gob.NewEncoder(&out)
	for range 1 + f.IntN(3) {
		v := reflect.New(t).Elem()
		f.fill(v, 4)
		if err := enc.EncodeValue(v); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %v\n", t, err)
			return nil, false
		}
	}
	return out.Bytes(), true
}

// totals is what all values of a stream cost once decoded into t, by model.
func totals(stream []byte, t reflect.Type) map[string]uint64 {
	sums := map[string]uint64{}
	in := bytes.NewReader(stream)
	dec := gob.NewDecoder(in)
	for {
		p := reflect.New(t)
		if dec.DecodeValue(p) != nil {
			return sums
		}
		v := p.Elem().Interface()
		for _, name := range []string{"core", "core-32", "core-golayout", "crate", "libstdcxx"} {
			m, err := rules.Lookup(name)
			if err != nil {
				panic(err)
			}
			sums[name] += memsize.Of(v, memsize.WithModel(m), memsize.CapIsLen())
		}
		sums["go"] += memsize.Heap(v)
	}
}
