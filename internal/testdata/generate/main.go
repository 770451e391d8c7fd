// Command generate writes the snapshots of package testdata into a folder.
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/bitcoin-mem/memsize/internal/testdata"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: generate FOLDER")
		os.Exit(2)
	}
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// generate writes all files, always in this order: encoding/gob numbers types by first use.
func generate(folder string) error {
	for _, file := range []struct {
		name  string
		value any
	}{
		{"utxo.gob", testdata.UTXO(50_000)},
		{"mempool.gob", testdata.NewMempool(1_000)},
		{"sessions.gob", testdata.NewSessions(800)},
	} {
		var out bytes.Buffer
		if err := testdata.WriteGob(&out, file.value); err != nil {
			return fmt.Errorf("%s: %w", file.name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, file.name), out.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
