package document_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"fmt"

	"github.com/bitcoin-mem/memsize/internal/document"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// The document of a small file.
func Example() {
	var file bytes.Buffer
	_ = gob.NewEncoder(&file).Encode([]string{"a text of more than fifteen bytes"})
	census, err := snapshot.Scan(context.Background(), &file)
	if err != nil {
		panic(err)
	}
	r, err := price.Price(census, []*rules.Model{rules.Core()}, nil)
	if err != nil {
		panic(err)
	}
	loading, err := document.DecodingOf(census, rules.Go(), r)
	if err != nil {
		panic(err)
	}
	var out bytes.Buffer
	if err := document.Write(&out, "texts.gob", census, r, loading); err != nil {
		panic(err)
	}
	var read struct {
		Schema string
		Total  uint64
		File   struct{ Name, Layout string }
	}
	if err := json.Unmarshal(out.Bytes(), &read); err != nil {
		panic(err)
	}
	fmt.Println(read.Schema, read.Total, read.File.Name, "from", read.File.Layout)
	// Output: memsize/1 112 texts.gob from the wire
}
