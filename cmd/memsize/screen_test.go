package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strconv"
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
		for _, row := range []struct{ columns, rows int }{{40, 12}, {60, 16}, {60, 24}, {80, 24}, {80, 30},
			{100, 50}, {132, 43}, {200, 20}} {
			got := onScreen(t, row.columns, row.rows, file)
			require.Less(t, strings.Count(got, "\n"), row.rows, "%s on %v\n%s", file, row, got)
			for line := range strings.Lines(got) {
				require.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), row.columns, line)
			}
			require.Regexp(t, `(?s)of Go memory.{0,90}[Cc]ore`, got)
			require.Regexp(t, `where +go .*core`, got)
			if !strings.Contains(got, "| less shows all") {
				require.Contains(t, got, "type (go)", "%s on %v", file, row)
				require.Contains(t, got, "biggest entries", "%s on %v", file, row)
			}
		}
		high := onScreen(t, 132, 100, file)
		require.Equal(t, whole, high, "a screen that is large enough shows all")
		require.NotContains(t, whole, left)
		t.Chdir("../cmd/memsize")
	}
}

// A very narrow screen has one figure a line, and still the tree, no line of it broken.
func TestNarrowScreens(t *testing.T) {
	t.Chdir("../../testdata")
	for _, columns := range []int{20, 21, 31, 32, 39} {
		for _, rows := range []int{14, 24} {
			got := onScreen(t, columns, rows, "utxo.gob")
			require.LessOrEqual(t, strings.Count(got, "\n"), rows+1, "%d columns\n%s", columns, got)
			for line := range strings.Lines(got) {
				require.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), columns, line)
			}
			require.Contains(t, got, "╰╴")
		}
	}
}

// The answer on the screens that people have, as they see it.
func TestScreensAreGolden(t *testing.T) {
	on64Bits(t)
	for _, file := range []string{"utxo", "mempool", "sessions"} {
		for _, size := range []struct{ columns, rows int }{{80, 24}, {60, 24}, {40, 12}} {
			t.Chdir("../../testdata")
			got := onScreen(t, size.columns, size.rows, file+".gob")
			t.Chdir("../cmd/memsize")
			checkGolden(t, "", fmt.Sprintf("screen_%s_%dx%d.txt", file, size.columns, size.rows), got)
		}
	}
}

// Where there is room for one, all that is directly below the value has a line: breadth goes before
// depth.
func TestBreadthBeforeDepth(t *testing.T) {
	type three struct{ A, B, C map[string][]string }
	deep := map[string][]string{}
	for i := range 1000 {
		deep[fmt.Sprint("key of many letters ", i)] = []string{strings.Repeat("x", i)}
	}
	small := map[string][]string{"k": {strings.Repeat("y", 9000)}}
	file := writeFile(t, "three.gob", encoded(t, three{deep, small, small}))
	for rows := 12; rows < 30; rows++ {
		for _, columns := range []int{40, 60, 80} {
			got := onScreen(t, columns, rows, file)
			for _, field := range []string{".A", ".B", ".C"} {
				require.Contains(t, got, "╴"+field, "%d columns, %d rows\n%s", columns, rows, got)
			}
		}
	}
}

// What is below a line sums to it, under each model, and so does what is not shown.
func TestLinesSumToTheLineAbove(t *testing.T) {
	got := memsizeCommand(nil, snapshotFile("sessions.gob"), "--bytes", "--all", "--model", "go,core")
	require.Equal(t, exitOK, got.code, got.errs)
	_, tree, _ := strings.Cut(got.out, "\nwhere ")
	tree, _, _ = strings.Cut(tree, "\n\n")
	type line struct{ figures, below [2]int }
	var open []*line // by depth
	lines := 0
	check := func(depth int) {
		for _, l := range open[depth:] {
			if l.below != [2]int{} {
				require.Equal(t, l.figures, l.below)
			}
		}
		open = open[:depth]
	}
	for _, row := range strings.Split(tree, "\n") {
		m := regexp.MustCompile(`^((?:[│ ] )*)([├╰]╴)?\S.*? ([\d,]+) +[\d.]+ +([\d,]+)(?: |$)`).FindStringSubmatch(row)
		if m == nil {
			require.Zero(t, lines, row)
			continue
		}
		lines++
		depth := len([]rune(m[1]+m[2])) / 2
		check(depth)
		l := &line{}
		for i, figure := range m[3:] {
			n, err := strconv.Atoi(strings.ReplaceAll(figure, ",", ""))
			require.NoError(t, err, row)
			l.figures[i] = n
			if depth > 0 {
				open[depth-1].below[i] += n
			}
		}
		open = append(open, l)
	}
	check(0)
	require.Greater(t, lines, 30)
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
		{"--by", "path"}, {"--by", "package"}, {"--depth", "9"}, {"--parts"}, {"--top", "20"}} {
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
