// Command libraries measures what walks cost on structures of real libraries. It is a module of its own: it
// takes minutes to build, and make test does not build it.
//
//	go run .                       the libraries
//	go run . -in zoo.json          and what the zoo measured (bench/zoo/cmd -out zoo.json)
//	go run . -only goja -rounds 3  a look at one
package main

import (
	"os"

	"github.com/bitcoin-mem/memsize/bench/zoo"
)

func main() { os.Exit(zoo.Main(libraries())) }

// libraries are the structures, each of some ten thousand objects or more.
func libraries() []zoo.Shape {
	var all []zoo.Shape
	for _, group := range []map[string]func() any{containers, caches, interpreters, documents, networks} {
		for name, build := range group {
			all = append(all, zoo.Shape{Name: name, Kind: "library", Build: build})
		}
	}
	return all
}

// must is v, which a library made of input that is our own.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
