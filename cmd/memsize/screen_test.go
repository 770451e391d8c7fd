package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/testdata"
)

// screen is a terminal of some size.
type screen struct {
	bytes.Buffer
	columns, rows int
}

func (s *screen) size() (columns, rows int) { return s.columns, s.rows }

var _ terminal = (*screen)(nil)

// onScreen is what the command shows on a screen.
func onScreen(t *testing.T, columns, rows int, args ...string) string {
	t.Helper()
	s := screen{columns: columns, rows: rows}
	var errs bytes.Buffer
	require.Equal(t, exitOK, run(context.Background(), args, strings.NewReader(""), &s, &errs), &errs)
	return s.String()
}

// Whoever names a file and nothing else sees the answer at once: above the shell's next prompt,
// no line broken by the terminal, and told so where that is not all.
func TestAnswerFitsOneScreen(t *testing.T) {
	for _, file := range []string{"utxo.gob", "mempool.gob", "sessions.gob"} {
		t.Chdir("../../testdata")
		whole := memsizeCommand(nil, file).out
		for _, row := range []struct{ columns, rows int }{{80, 24}, {80, 30}, {100, 50}, {132, 43}} {
			got := onScreen(t, row.columns, row.rows, file)
			require.Less(t, strings.Count(got, "\n"), row.rows, "%s on %v", file, row)
			for line := range strings.Lines(got) {
				require.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), row.columns, line)
			}
			require.Contains(t, got, "encoding/gob decodes it into")
			require.Contains(t, got, "proven")
			require.Contains(t, got, "where (core)")
			if !strings.HasSuffix(got, left) {
				require.Contains(t, got, "type (core)", "%s on %v", file, row)
				require.Contains(t, got, "biggest entries", "%s on %v", file, row)
			}
		}
		high := onScreen(t, 132, 100, file)
		require.Equal(t, whole, high, "a screen that is large enough shows all")
		require.NotContains(t, whole, left)
		t.Chdir("../cmd/memsize")
	}
}

// As there is more room there is more to see, and never less.
func TestMoreRoomShowsMore(t *testing.T) {
	before := 0
	for rows := 24; rows < 90; rows++ {
		got := onScreen(t, 132, rows, snapshotFile("sessions.gob"))
		shown := strings.Count(got, "\n")
		require.GreaterOrEqual(t, shown, before-1, "at most the line is gone that said there is more")
		before = shown
	}
}

// A flag that says how much to see is obeyed, however low the screen is.
func TestFlagsGoBeforeTheScreen(t *testing.T) {
	file := snapshotFile("sessions.gob")
	for _, flags := range [][]string{{"--all"}, {"--why"}, {"--waste"}, {"--by", "type"},
		{"--by", "path"}, {"--by", "package"}, {"--depth", "9"}, {"--top", "20"}} {
		got := onScreen(t, 300, 10, append(flags, file)...)
		require.Equal(t, memsizeCommand(nil, append(flags, file)...).out, got, flags)
	}
}

// A part of a file is said to be one on any screen, and so it is by type and by package.
func TestPartsAreNamed(t *testing.T) {
	data := encoded(t, testdata.UTXO(100))
	file := writeFile(t, "cut.gob", data[:len(data)/2])
	for _, flags := range [][]string{nil, {"--by", "type"}, {"--by", "package"}, {"--waste"}} {
		got := memsizeCommand(nil, append(flags, file)...)
		require.Equal(t, exitInput, got.code)
		require.Contains(t, got.out, "\nPARTIAL: ", flags)
	}
}

func TestFold(t *testing.T) {
	for _, row := range []struct {
		why, text string
		columns   int
		want      string
	}{
		{"fits", "a bc d", 8, "- a bc d"},
		{"a column too many", "a bc d", 7, "- a bc\n  d"},
		{"a word that is too long has a line for itself", "a toolongword b", 6, "- a\n  toolongword\n  b"},
		{"runes are counted, not bytes", "· · ·", 7, "- · · ·"},
		{"nothing", "", 7, ""},
	} {
		require.Equal(t, row.want, fold(row.text, "- ", "  ", row.columns), row.why)
	}
}
