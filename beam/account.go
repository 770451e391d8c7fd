package memsizebeam

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/bitcoin-mem/memsize/internal/document"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// ErrNothing is returned by Account where no file could be read.
var ErrNothing = errors.New("memsizebeam: no file could be read")

// Account prices a result and writes its account to w as JSON (schema memsize/1): the bytes that the
// command memsize merge --output json writes for the same files. Models are those that rules.Lookup
// knows; the first gives the tree. The error is ErrNothing, a model's, a pricing's or the writer's.
func Account(w io.Writer, r Result, models ...string) error {
	if r.Files == 0 {
		return ErrNothing
	}
	priced, err := lookup(models)
	if err != nil {
		return err
	}
	census, _ := snapshot.Scan(context.Background(), bytes.NewReader(r.Census)) // its error is the first shard's
	if len(census.Roots) == 0 {
		return errors.Join(errors.New("memsizebeam: the result has no census"), census.Err)
	}
	if l, err := document.ManifestLayout(census); err == nil && l != nil {
		census, _ = document.Retype(census, l)
	}
	report, err := price.Price(census, priced, nil)
	if err != nil {
		return err
	}
	name := r.First
	if r.Files > 1 {
		name = fmt.Sprintf("%s and %d more", name, r.Files-1)
	}
	loading, err := document.DecodingOf(census, rules.Go(), report)
	if err != nil {
		return err
	}
	return document.Write(w, name, census, report, loading)
}

// Local is the result of files that this process scans, one after the other, without a runner: what
// Scan gives for them.
func Local(names ...string) Result {
	var s Shards
	for _, name := range names {
		s = s.with(scanShard(context.Background(), name, pause))
	}
	return (&unite{}).ExtractOutput(s)
}

// lookup finds models by name.
func lookup(names []string) (models []*rules.Model, err error) {
	if len(names) == 0 {
		return nil, errors.New("memsizebeam: no model: name one at least, such as core")
	}
	for _, name := range names {
		m, err := rules.Lookup(name)
		if err != nil {
			return nil, err
		}
		models = append(models, m)
	}
	return models, nil
}
