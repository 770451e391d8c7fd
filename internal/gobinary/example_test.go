package gobinary_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/bitcoin-mem/memsize/internal/gobinary"
)

// The types of a program that was built for another architecture, from the program alone.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "program")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program,
		"github.com/bitcoin-mem/memsize/internal/testdata/generate")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=386", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(string(out))
	}
	l, err := gobinary.Load(program)
	if err != nil {
		panic(err)
	}
	coin, err := l.Lookup("testdata.Coin")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.GOARCH, coin)
	for i := range coin.NumField() {
		fmt.Println(coin.Field(i).Name, coin.Field(i).Type)
	}
	// Output:
	// 386 testdata.Coin
	// Prev *testdata.Coin
	// Next *testdata.Coin
	// Flags uint8
	// Value int64
	// Script []uint8
	// Code uint32
}
