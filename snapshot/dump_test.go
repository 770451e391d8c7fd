package snapshot

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// dump renders a census for people who debug a test.
func dump(c *Census) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d bytes, %d messages, %d values, %d encoders, %v\n",
		c.Bytes, c.Messages, c.Values, c.Encoders, c.Err)
	fmt.Fprintf(&b, "largest message %d, next %d, payload %d, deepest %+v\n",
		c.LargestMessage, c.NextLargest, c.LargestPayload, c.Deepest)
	for _, w := range c.Warnings {
		fmt.Fprintln(&b, "warning:", w)
	}
	for s := range c.Sites() {
		path := s.Path()
		if s.Fold != nil {
			path += " ~> " + s.Fold.Path()
		}
		fmt.Fprintf(&b, "%-40s %-30s n=%d absent=%d own=%d wire=%d",
			path, s.Type, s.Count, s.Absent, s.Own, s.Wire)
		if len(s.Lengths) > 0 {
			fmt.Fprintf(&b, " lengths=%v", s.Lengths[:min(4, len(s.Lengths))])
		}
		if len(s.Biggest) > 0 {
			fmt.Fprintf(&b, " biggest=%v", s.Biggest[:min(2, len(s.Biggest))])
		}
		b.WriteString("\n")
	}
	for _, a := range c.Assumptions {
		fmt.Fprintln(&b, "assumed:", a)
	}
	return b.String()
}

// TestDump prints the census of the file that MEMSIZE_DUMP names.
func TestDump(t *testing.T) {
	path := os.Getenv("MEMSIZE_DUMP")
	if path == "" {
		t.Skip("MEMSIZE_DUMP names no file")
	}
	c, err := scanFile(t, path)
	fmt.Println(dump(c), err)
}
