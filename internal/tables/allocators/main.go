// Command allocators writes the tables of docs/allocators.md: what allocators take for requests,
// and how far models are from the real heap of the containers in testdata/malloc. It is run from
// the module's root, and replaces what stands between the markers of each table.
package main

import (
	"bytes"
	"fmt"
	"os"
)

const (
	document = "docs/allocators.md"
	figures  = "testdata/malloc/containers.jsonl"
)

func main() {
	if err := write(document, figures); err != nil {
		fmt.Fprintln(os.Stderr, "allocators:", err)
		os.Exit(1)
	}
}

// write makes the tables of a document anew.
func write(document, figures string) error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	made, err := render(text, figures)
	if err != nil {
		return fmt.Errorf("%s: %w", document, err)
	}
	return os.WriteFile(document, made, 0o644)
}

// render is the document with its tables made anew.
func render(text []byte, figures string) ([]byte, error) {
	c, err := compareAll(figures)
	if err != nil {
		return nil, err
	}
	requests, err := requestTable()
	if err != nil {
		return nil, err
	}
	for _, table := range []struct{ name, text string }{
		{"requests", requests},
		{"summary", c.summary()},
		{"structures", c.structures()},
	} {
		if text, err = replace(text, table.name, table.text); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// replace puts a table between its markers. It is an error where they are not there, once each.
func replace(text []byte, name, table string) ([]byte, error) {
	begin := []byte("<!-- table " + name + ": made by go run ./internal/tables/allocators -->\n")
	end := []byte("<!-- end of table " + name + " -->\n")
	before, rest, found := bytes.Cut(text, begin)
	_, after, closed := bytes.Cut(rest, end)
	if !found || !closed || bytes.Contains(after, begin) {
		return nil, fmt.Errorf("the table %q has no place: it goes between the lines\n%s%s",
			name, begin, end)
	}
	return bytes.Join([][]byte{before, begin, []byte(table), end, after}, nil), nil
}
