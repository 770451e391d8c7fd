package main

import (
	"encoding/gob"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/bitcoin-mem/memsize/snapshot"
)

// TestCorpora: encoding/gob reads every corpus whole, and so does memsize.
func TestCorpora(t *testing.T) {
	for _, c := range corpora {
		file := created(t)
		if err := c.write(file, 3000); err != nil {
			t.Fatal(c.name, err)
		}
		for _, read := range []func() error{
			func() error { return c.decode(file) },
			func() error { _, err := snapshot.Scan(t.Context(), file); return err },
		} {
			if _, err := file.Seek(0, 0); err != nil {
				t.Fatal(err)
			}
			if err := read(); err != nil {
				t.Error(c.name, err)
			}
		}
	}
}

// TestLargeValue: what was written piece by piece is the value.
func TestLargeValue(t *testing.T) {
	file := created(t)
	if err := writeMap(file, 500); err != nil {
		t.Fatal(err)
	}
	want := make(map[[36]byte]coin)
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		key := randomKey(r)
		want[key] = randomCoin(r)
	}
	check(t, file, want)
	file = created(t)
	if err := writeList(file, 2); err != nil {
		t.Fatal(err)
	}
	check(t, file, listNode{1, &listNode{2, nil}})
	file = created(t)
	if err := writeAny(file, 200); err != nil {
		t.Fatal(err)
	}
	r = rand.New(rand.NewPCG(1, 2))
	var list []any
	for i := range 200 {
		list = append(list, randomAny(r, i))
	}
	check(t, file, list)
}

func check[T any](t *testing.T, file *os.File, want T) {
	t.Helper()
	if _, err := file.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	var got T
	if err := gob.NewDecoder(file).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%T differs", want)
	}
}

func created(t *testing.T) *os.File {
	file, err := os.Create(filepath.Join(t.TempDir(), "corpus.gob"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}
