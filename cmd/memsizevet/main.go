// Command memsizevet is a tool of go vet that reports wrong memusage tags:
//
//	go install github.com/bitcoin-mem/memsize/cmd/memsizevet@latest
//	go vet -vettool=$(which memsizevet) ./...
//
// See package vet for what it reports.
package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/bitcoin-mem/memsize/vet"
)

func main() { unitchecker.Main(vet.Analyzer) }
