package snapshot

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// snapshotFolder is the folder that holds real/ and hostile/, or the test is skipped, loudly.
func snapshotFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("MEMSIZE_SNAPSHOTS")
	if folder == "" {
		t.Skip("NOT RUN: MEMSIZE_SNAPSHOTS is not set to a folder with real/ and hostile/")
	}
	return folder
}

// scanFile scans one file.
func scanFile(t *testing.T, path string, opts ...Option) (*Census, error) {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	return Scan(t.Context(), file, opts...)
}

// TestHostileFiles scans files that were made to break readers; the manifest says for each what
// may come of it, and in what time.
func TestHostileFiles(t *testing.T) {
	folder := filepath.Join(snapshotFolder(t), "hostile")
	file, err := os.Open(filepath.Join(folder, "manifest.csv"))
	require.NoError(t, err)
	defer file.Close()
	rows := csv.NewReader(file)
	_, err = rows.Read()
	require.NoError(t, err)
	scanned := 0
	for ; ; scanned++ {
		row, err := rows.Read()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		t.Run(row[0], func(t *testing.T) {
			start := time.Now()
			c, err := scanFile(t, filepath.Join(folder, row[0]))
			t.Logf("%s: %v; %d values, %v", row[2], err, c.Values, time.Since(start))
			checkHostile(t, row[3], c, err)
		})
	}
	require.Greater(t, scanned, 50, "the manifest is shorter than expected")
}

// checkHostile compares an outcome with what the manifest expects.
func checkHostile(t *testing.T, expected string, c *Census, err error) {
	switch {
	case strings.HasPrefix(expected, "error or ok"), strings.HasPrefix(expected, "ok"):
		if !strings.Contains(expected, "or error") && !strings.Contains(expected, "error or") {
			require.NoError(t, err, expected)
		}
	case strings.HasPrefix(expected, "error"):
		require.Error(t, err, expected)
	default:
		t.Fatalf("the manifest expects %q, which this test does not know", expected)
	}
	if err != nil {
		var e *Error
		require.ErrorAs(t, err, &e)
		require.NotEmpty(t, e.What)
		require.True(t, c.Incomplete)
		if strings.Contains(expected, "unexpected EOF") {
			require.True(t, errors.Is(err, io.ErrUnexpectedEOF), "%v", err)
		}
	}
}

// TestRealFiles scans files that programs in the wild have written: all but the broken ones must
// give a whole census.
func TestRealFiles(t *testing.T) {
	folder := filepath.Join(snapshotFolder(t), "real")
	files, err := filepath.Glob(filepath.Join(folder, "*.gob"))
	require.NoError(t, err)
	require.Greater(t, len(files), 20)
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			c, err := scanFile(t, path)
			checkSums(t, c)
			if strings.Contains(name, "truncated") || strings.Contains(name, "mangled") {
				require.Error(t, err)
				t.Log(err)
				return
			}
			require.NoError(t, err)
			require.Positive(t, c.Values)
			info, err := os.Stat(path)
			require.NoError(t, err)
			require.Equal(t, info.Size(), c.Bytes)
		})
	}
}

// checkSums checks what holds in every census.
func checkSums(t *testing.T, c *Census) {
	t.Helper()
	var wire uint64
	for _, root := range c.Roots {
		wire += root.Wire
	}
	require.LessOrEqual(t, wire, uint64(c.Bytes))
	for s := range c.Sites() {
		require.NotNil(t, s.Type)
		if len(s.Lengths) > 0 {
			n := s.Absent
			for _, l := range s.Lengths {
				n += l.Count
			}
			require.Equal(t, s.Count, n, "%s: absent and lengths must make up the count", s.Path())
		}
	}
}
