package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

func lookup(names []string) (list []*rules.Model, err error) {
	for _, name := range names {
		m, err := rules.Lookup(name)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// read is the account of a file. A file that is broken further on gives the account of what could be
// read beside the error.
func read(ctx context.Context, name string, models []*rules.Model) (*report.Report, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<16)
	if start, _ := in.Peek(512); isAccount(start) {
		return readAccount(in)
	}
	census, err := snapshot.Scan(ctx, in, snapshot.Biggest(10))
	if err != nil && len(census.Roots) == 0 {
		return nil, err
	}
	r, priced := price.Price(census, models, nil)
	if priced != nil {
		return nil, priced
	}
	return r, err
}

// isAccount tells whether a file that begins with start is an account as JSON: a gob stream cannot
// begin with a brace and a line of text, and a census says what it is.
func isAccount(start []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(start), []byte("{")) && bytes.Contains(start, []byte(`"`+report.Schema+`"`))
}

// maxAccount is how many bytes an account may have: the largest that memsize writes have some MB.
const maxAccount = 256 << 20

func readAccount(in *bufio.Reader) (*report.Report, error) {
	limited := &limitedReader{in: in, left: maxAccount}
	r := new(report.Report)
	if err := json.NewDecoder(limited).Decode(r); err != nil {
		return nil, fmt.Errorf("no account of memsize: %w", err)
	}
	if r.Tree == nil || len(r.Models) == 0 {
		return nil, fmt.Errorf("an account without a tree or models: make it by memsize --output json")
	}
	return r, nil
}

// limitedReader is io.LimitedReader with an error that says what the limit is.
type limitedReader struct {
	in   *bufio.Reader
	left int
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("larger than %s", show.Bytes(maxAccount))
	}
	n, err := l.in.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}
