package memsizebeam_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"

	memsizebeam "github.com/bitcoin-mem/memsize/beam"
)

// A pipeline makes one account of all snapshots in a folder. It is run by a runner that is
// registered, for example with beamx.Run(ctx, p).
func ExampleScan() {
	p, s := beam.NewPipelineWithRoot()
	files := fileio.MatchFiles(s, "shards/*.gob")
	result := memsizebeam.Scan(s, files)
	memsizebeam.Write(s, result, memsizebeam.Files{Account: "account.json"}, "core", "go")
	fmt.Println(p != nil)
	// Output: true
}

// A result is priced after the pipeline as well, under any models.
func ExampleAccount() {
	var file bytes.Buffer
	_ = gob.NewEncoder(&file).Encode([]string{"a text of more than fifteen bytes"})
	dir, err := os.MkdirTemp("", "shards")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "one.gob")
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		panic(err)
	}
	var account bytes.Buffer
	if err := memsizebeam.Account(&account, memsizebeam.Local(name), "core"); err != nil {
		panic(err)
	}
	var figures struct{ Total uint64 }
	if err := json.Unmarshal(account.Bytes(), &figures); err != nil {
		panic(err)
	}
	fmt.Println(figures.Total)
	// Output: 112
}
