package explore_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/explore"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// reportOf is the account of one of the repository's snapshots, under core and go.
func reportOf(t testing.TB, name string) *report.Report {
	file, err := os.Open(filepath.Join("..", "testdata", name))
	require.NoError(t, err)
	defer file.Close()
	census, err := snapshot.Scan(context.Background(), file, snapshot.Biggest(3))
	require.NoError(t, err)
	r, err := price.Price(census, []*rules.Model{rules.Core(), rules.Go()}, nil)
	require.NoError(t, err)
	return r
}

var special = map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp,
	"down": tea.KeyDown, "left": tea.KeyLeft, "end": tea.KeyEnd, "backspace": tea.KeyBackspace}

// press sends keys, by their names or letters, and tells whether the program ended.
func press(e *explore.Explorer, keys ...string) (ended bool) {
	for _, key := range keys {
		code, named := special[key]
		msg := tea.KeyPressMsg{Code: code}
		if !named {
			msg = tea.KeyPressMsg{Code: []rune(key)[0], Text: key}
		}
		if _, command := e.Update(msg); command != nil {
			_, ended = command().(tea.QuitMsg)
		}
	}
	return ended
}

// frame is what the screen shows, without styles.
func frame(e *explore.Explorer) string {
	lines := strings.Split(ansi.Strip(e.View().Content), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestFramesAreGolden(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {60, 24}, {40, 12}} {
		e := explore.New("sessions.gob", reportOf(t, "sessions.gob"), nil)
		e.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		var all bytes.Buffer
		for _, step := range []struct {
			what string
			keys []string
		}{
			{"at first", nil}, {"opened", []string{"enter"}}, {"the last row, under go", []string{"end", "m"}},
			{"sorted by own", []string{"s"}}, {"back", []string{"left"}}, {"filtered", []string{"/", "s", "t", "r"}},
			{"nothing fits", []string{"z", "enter"}}, {"help", []string{"?"}},
		} {
			press(e, step.keys...)
			fmt.Fprintf(&all, "--- %s\n%s", step.what, frame(e))
			for _, line := range strings.Split(frame(e), "\n") {
				require.LessOrEqual(t, ansi.StringWidth(line), size[0], "%s: %q", step.what, line)
			}
			require.LessOrEqual(t, strings.Count(frame(e), "\n"), size[1], step.what)
		}
		golden(t, fmt.Sprintf("sessions_%dx%d.txt", size[0], size[1]), all.String())
	}
}

func golden(t *testing.T, name, got string) {
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "if this is right: go test -update")
}

// TestFiguresAreTheReports walks through all lists: the figures shown are those of the report's nodes.
func TestFiguresAreTheReports(t *testing.T) {
	r := reportOf(t, "mempool.gob")
	e := explore.New("mempool.gob", r, nil)
	e.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	lists := 0
	var walk func(n *report.Node)
	walk = func(n *report.Node) {
		lists++
		shown := frame(e)
		for i, c := range n.Children {
			require.Contains(t, shown, show.Bytes(c.Total), c.Path)
			require.Contains(t, shown, show.Printable(c.Step))
			if len(c.Children) > 0 {
				press(e, append([]string{"g"}, strings.Split(strings.Repeat("j", i), "")...)...)
				press(e, "enter")
				walk(c)
				press(e, "left")
			}
		}
	}
	walk(r.Tree)
	require.Greater(t, lists, 3)
	require.True(t, press(e, "q"))
}

// TestGrowth: compared with an older report, what grew most comes first.
func TestGrowth(t *testing.T) {
	r, older := reportOf(t, "sessions.gob"), reportOf(t, "sessions.gob")
	var grown *report.Node
	for n := range older.Nodes() {
		if len(n.Children) == 0 && n.Total > 1000 {
			grown = n
		}
	}
	path := grown.Path
	for n := range older.Nodes() {
		if strings.HasPrefix(path, n.Path) {
			n.Total -= 999
		}
	}
	e := explore.New("sessions.gob", r, older)
	e.Update(tea.WindowSizeMsg{Width: 160, Height: 50})
	require.Contains(t, frame(e), "growth")
	for range 10 {
		if strings.Contains(frame(e), "+999 B") {
			return
		}
		press(e, "enter")
	}
	t.Fatalf("no row shows that %s grew:\n%s", grown.Path, frame(e))
}

// FuzzKeys: whatever is pressed, there is a frame of the right size.
func FuzzKeys(f *testing.F) {
	r := reportOf(f, "mempool.gob")
	f.Add("jjlsm/ab?hq", uint8(80), uint8(24))
	f.Fuzz(func(t *testing.T, keys string, width, height uint8) {
		e := explore.New("x", r, nil)
		e.Update(tea.WindowSizeMsg{Width: int(width), Height: int(height)})
		for _, key := range keys {
			press(e, string(key))
			e.View()
		}
	})
}

func ExampleNew() {
	r, err := os.Open("../testdata/mempool.gob")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	census, err := snapshot.Scan(context.Background(), r)
	if err != nil {
		fmt.Println(err)
		return
	}
	priced, err := price.Price(census, []*rules.Model{rules.Core()}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	e := explore.New("mempool.gob", priced, nil) // tea.NewProgram(e).Run() shows it
	fmt.Println(strings.Split(ansi.Strip(e.View().Content), "\n")[0])
	// Output: mempool.gob   1.32 MiB under core
}

// BenchmarkOpen is what it takes to read and price the largest census of the repository's snapshots,
// and to draw the first frame.
func BenchmarkOpen(b *testing.B) {
	file, err := os.Open("../testdata/sessions.gob")
	require.NoError(b, err)
	census, err := snapshot.Scan(context.Background(), file)
	require.NoError(b, err)
	require.NoError(b, file.Close())
	var saved bytes.Buffer
	require.NoError(b, census.Save(&saved))
	b.SetBytes(int64(saved.Len()))
	for b.Loop() {
		back, err := snapshot.Scan(context.Background(), bytes.NewReader(saved.Bytes()))
		require.NoError(b, err)
		r, err := price.Price(back, []*rules.Model{rules.Core(), rules.Go()}, nil)
		require.NoError(b, err)
		explore.New("x", r, nil).View()
	}
}
