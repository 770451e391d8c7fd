// Package page puts what programs made into pages that people write.
package page

import (
	"bytes"
	"fmt"
	"os"
)

// Put replaces what stands between two lines of a file. Both must be there.
func Put(file, begin, end, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, found := bytes.Cut(old, []byte(begin+"\n"))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return fmt.Errorf("%s has no place for the table: add the lines %s and %s",
			file, begin, end)
	}
	whole := bytes.Join([][]byte{before, []byte(begin + "\n" + text + end), after}, nil)
	return os.WriteFile(file, whole, 0o644)
}
