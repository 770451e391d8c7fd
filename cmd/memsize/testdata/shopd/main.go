// Command shopd writes snapshots, and says what they cost once they are decoded: for each type its
// total under the models that are given after the folder to write to.
package main

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/cmd/memsize/testdata/shop"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot/manifest"
)

// note is a type of the program itself.
type note struct {
	A int8
	B *note
}

func main() {
	for _, v := range []any{shop.Meta{}, &note{}, map[string]int32{}, shop.Pair[string, int16]{},
		[]shop.Meta{}, map[string]*shop.Meta{}, []shop.Pair[string, int16]{}} {
		gob.Register(v)
	}
	s := snapshot()
	dir, models := os.Args[1], os.Args[2:]
	var b bytes.Buffer
	check(gob.NewEncoder(&b).Encode(s))
	var tagged shop.Tagged
	check(gob.NewDecoder(bytes.NewReader(b.Bytes())).Decode(&tagged))
	var plain shop.Snapshot
	check(gob.NewDecoder(bytes.NewReader(b.Bytes())).Decode(&plain))
	check(os.WriteFile(filepath.Join(dir, "plain.gob"), b.Bytes(), 0o600))
	b.Reset()
	check(manifest.Write(&b, tagged))
	check(os.WriteFile(filepath.Join(dir, "manifest.gob"), b.Bytes(), 0o600))
	check(json.NewEncoder(os.Stdout).Encode(map[string]map[string]uint64{
		"Snapshot": totals(plain, models), "Tagged": totals(tagged, models),
	}))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func totals(v any, models []string) map[string]uint64 {
	all := map[string]uint64{}
	for _, name := range models {
		if strings.HasPrefix(name, "go") {
			all[name] = memsize.Heap(v)
			continue
		}
		m, err := rules.Lookup(name)
		check(err)
		all[name] = memsize.Of(v, memsize.WithModel(m))
	}
	return all
}

func snapshot() *shop.Snapshot {
	s := &shop.Snapshot{Tags: map[string][]string{},
		ByID: shop.Index[shop.Item]{Items: map[string]*shop.Pair[shop.ID, shop.Item]{}}}
	for i := range 500 {
		item := anItem(i)
		if i%7 == 0 {
			next := anItem(i + 1)
			item.Next = &next
		}
		key := fmt.Sprint("key", i)
		s.ByID.Items[key] = &shop.Pair[shop.ID, shop.Item]{Key: shop.ID{1, 200, byte(i)}, Val: item}
		s.ByID.Order = append(s.ByID.Order, shop.Pair[int32, shop.Item]{Key: int32(i), Val: anItem(i)})
		s.Tags[key] = []string{"tag", strings.Repeat("tt", i%15)}
		s.Any = append(s.Any, i, "text", shop.Meta{Owner: "owner", N: 1})
	}
	return s
}

func anItem(i int) shop.Item {
	count := uint16(i)
	item := shop.Item{Name: strings.Repeat("na", i%20), Script: make([]byte, i%60), Count: &count,
		Price: float32(i) / 3, Big: new(big.Int).Lsh(big.NewInt(int64(i)), uint(i%300))}
	item.Created = time.Unix(int64(i)*1e6, 0).UTC()
	item.Extra = []any{shop.Meta{Owner: "someone", N: 3}, &note{1, &note{}}, map[string]int32{"key": 4},
		shop.Pair[string, int16]{Key: "key", Val: 4}, []shop.Meta{{"an owner", 2}, {}},
		map[string]*shop.Meta{"key": {"an owner", 3}}, []shop.Pair[string, int16]{{"first", 1}}, nil}[i%8]
	return item
}
