package memsizebeam

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn2x1[context.Context, Result, error](&writeFiles{})
}

// Files are where Write writes, each a name on any Beam file system. Empty ones are not written.
type Files struct {
	Account  string // JSON, schema memsize/1: see [Account]
	Census   string // to be priced later, or merged with others
	Failures string // a JSON list of [Failure], empty if there are none
}

// Write writes a Result, as Scan makes it, priced by the models named. It panics on a model that
// there is not: that is known before the pipeline runs.
func Write(s beam.Scope, result beam.PCollection, files Files, models ...string) {
	if _, err := lookup(models); err != nil {
		panic(err)
	}
	beam.ParDo0(s.Scope("memsizebeam.Write"), &writeFiles{Files: files, Models: models}, result)
}

// writeFiles writes the files of a result. To write them twice is to write them once.
type writeFiles struct {
	Files  Files
	Models []string
}

// ProcessElement writes the failures first, so that they are there if nothing else can be.
func (f *writeFiles) ProcessElement(ctx context.Context, r Result) error {
	failures := r.Failures
	if failures == nil {
		failures = []Failure{}
	}
	list, err := json.MarshalIndent(failures, "", "  ")
	if err != nil {
		return err
	}
	if err := writeFile(ctx, f.Files.Failures, append(list, '\n')); err != nil {
		return err
	}
	var account bytes.Buffer
	if err := Account(&account, r, f.Models...); err != nil {
		return err
	}
	return errors.Join(writeFile(ctx, f.Files.Census, r.Census),
		writeFile(ctx, f.Files.Account, account.Bytes()))
}

// writeFile writes a file as a whole, unless the name is empty.
func writeFile(ctx context.Context, name string, content []byte) error {
	if name == "" {
		return nil
	}
	fs, err := filesystem.New(ctx, name)
	if err != nil {
		return err
	}
	defer fs.Close()
	w, err := fs.OpenWrite(ctx, name)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return errors.Join(err, w.Close())
}
