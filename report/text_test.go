package report_test

import (
	"bytes"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares text with a file of testdata; go test -update writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./report -update writes it")
	require.Equal(t, string(want), got, "%s: if this is better, run go test ./report -update", path)
}

func TestTextIsGolden(t *testing.T) {
	all := reports()
	for _, row := range []struct {
		file, report string
		options      report.TextOptions
	}{
		{"nothing.txt", "nothing", report.TextOptions{}},
		{"scalar.txt", "scalar", report.TextOptions{}},
		{"shop.txt", "shop", report.TextOptions{}},
		{"shop_all_bytes.txt", "shop", report.TextOptions{All: true, Bytes: true}},
		{"shop_depth1.txt", "shop", report.TextOptions{Depth: 1}},
		{"models.txt", "models", report.TextOptions{}},
		{"roots.txt", "roots", report.TextOptions{}},
		{"bounds.txt", "bounds", report.TextOptions{}},
		{"modelled.txt", "modelled", report.TextOptions{}},
	} {
		t.Run(row.file, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, all[row.report].WriteTextOptions(&b, row.options))
			require.NoError(t, all[row.report].WriteTypes(&b, row.options))
			golden(t, row.file, b.String())
		})
	}
}

// On a terminal of 72 columns or more no line is broken: names are shortened, and the last column
// goes before they get too short.
func TestTextFitsTheTerminal(t *testing.T) {
	long := strings.Repeat("[].Field", 20)
	var sum account.Sum
	sum.Add(rules.Parts{Used: 1000}, 1)
	sum.Add(rules.Parts{Used: 1e9}, 2)
	r := account.Build([]string{"core"}, []account.Place{
		{Parent: -1, Root: true, Step: "Snapshot", Type: "Snapshot"},
		{Parent: 0, Step: "." + long, Type: "map[string]*example.LongName",
			Sums: []account.Sum{sum}},
	})
	for _, width := range []int{72, 80, 100, 140} {
		var b strings.Builder
		require.NoError(t, r.WriteTextOptions(&b, report.TextOptions{Width: width}))
		for line := range strings.Lines(b.String()) {
			require.LessOrEqual(t, utf8.RuneCountInString(line), width+1, line)
		}
		require.Equal(t, width >= 140, strings.Contains(b.String(), "  each"), b.String())
		require.Contains(t, b.String(), "LongName", "names keep both ends")
	}
}

// A partial account says so before anything else.
func TestTextOfPartialReport(t *testing.T) {
	var b strings.Builder
	require.NoError(t, reports()["stopped"].WriteText(&b))
	require.True(t, strings.HasPrefix(b.String(),
		"PARTIAL: context canceled. The figures are those of what was seen.\n\n"), b.String())
}

// Names come from data: what a terminal would act upon never reaches it.
func TestTextEscapes(t *testing.T) {
	const evil = "\x1b]0;title\x07\r\n\u202e\x9b31m"
	var one account.Sum
	one.Add(rules.Parts{Used: 40}, 1)
	r := account.Build([]string{"core"}, []account.Place{
		{Parent: -1, Root: true, Step: evil, Type: evil},
		{Parent: 0, Step: "." + evil, Type: evil, Sums: []account.Sum{one}},
		{Parent: 0, Step: ".F", Type: evil, Unaccounted: 1, Reason: "because"},
	})
	var b strings.Builder
	require.NoError(t, r.WriteText(&b))
	require.NoError(t, r.WriteTypes(&b, report.TextOptions{}))
	for _, c := range b.String() {
		require.True(t, c == '\n' || strings.ContainsRune("├╴╰│…·×", c) || c >= ' ' && c < 0x7f,
			"%q in %q", c, b.String())
	}
	require.Contains(t, b.String(), `\x1b]0;title\a\r\n`)
}

// failing is a writer that is full after some bytes.
type failing int

var errFull = errors.New("full")

func (f *failing) Write(p []byte) (int, error) {
	if len(p) > int(*f) {
		return 0, errFull
	}
	*f -= failing(len(p))
	return len(p), nil
}

func TestTextReportsWriteErrors(t *testing.T) {
	r := reports()["shop"]
	for _, room := range []failing{0, 10, 200, 500} {
		require.Equal(t, errFull, r.WriteText(&room))
	}
	room := failing(5)
	require.Equal(t, errFull, r.WriteTypes(&room, report.TextOptions{}))
}

func TestBytes(t *testing.T) {
	for _, row := range []struct {
		n    uint64
		want string
		why  string
	}{
		{0, "0 B", "exact below 1 KiB"},
		{1, "1 B", ""},
		{1023, "1023 B", "exact up to here"},
		{1024, "1.00 KiB", "from here three digits"},
		{1536, "1.50 KiB", ""},
		{10 << 10, "10.0 KiB", "three digits, not two decimals"},
		{10234, "9.99 KiB", "rounds down"},
		{10235, "10.0 KiB", "9.995 rounds into the next form"},
		{102349, "100 KiB", "99.95 too"},
		{100 << 10, "100 KiB", ""},
		{999 << 10, "999 KiB", ""},
		{1000 << 10, "0.98 MiB", "never four digits"},
		{1023<<10 + 1023, "1.00 MiB", "rounding up changes the unit"},
		{1 << 20, "1.00 MiB", ""},
		{1530921, "1.46 MiB", ""},
		{1 << 30, "1.00 GiB", ""},
		{1 << 40, "1.00 TiB", ""},
		{1 << 50, "1.00 PiB", ""},
		{1 << 60, "1.00 EiB", ""},
		{math.MaxUint64, "16.0 EiB", "a saturated figure has a unit left"},
	} {
		require.Equal(t, row.want, show.Bytes(row.n), "%d %s", row.n, row.why)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0", 9: "9", 999: "999", 1000: "1,000", 50214: "50,214", 999999: "999,999",
		1000000: "1,000,000", math.MaxUint64: "18,446,744,073,709,551,615",
	} {
		require.Equal(t, want, show.Count(n))
	}
}

func TestPrintable(t *testing.T) {
	for _, row := range []struct{ s, want, why string }{
		{"", "", ""},
		{"map[string]*T", "map[string]*T", "types stay as they are"},
		{"Größe … 尺", "Größe … 尺", "letters of any script are letters"},
		{`say "x"`, `say "x"`, "quotes do no harm"},
		{"a\tb\nc", `a\tb\nc`, "one line stays one line"},
		{"\x1b[2J", `\x1b[2J`, "clears a terminal"},
		{"\u009b31m", `\u009b31m`, "the one-character form of ESC ["},
		{"\u202eabc", `\u202eabc`, "turns the text around"},
		{"\xff\xfe", `\xff\xfe`, "not UTF-8"},
		{"\u200b", `\u200b`, "cannot be seen"},
		{"\x7f", `\x7f`, "DEL"},
		{"\x1b\"", `\x1b"`, "a quote beside something escaped"},
		{"T\\x1b[2J\x1b", `T\x1b[2J\x1b`, "what a census has escaped is not escaped again"},
	} {
		require.Equal(t, row.want, show.Printable(row.s), row.why)
	}
}

// Whatever the string: no control character is left, and it is the same when printed again.
func FuzzPrintable(f *testing.F) {
	f.Add("\x1b]8;;http://x\x1b\\")
	f.Add(`back\slash`)
	f.Fuzz(func(t *testing.T, s string) {
		p := show.Printable(s)
		require.True(t, utf8.ValidString(p))
		for _, c := range p {
			require.True(t, c >= ' ' && c != 0x7f && (c < 0x80 || c > 0x9f), "%q", p)
		}
		require.Equal(t, p, show.Printable(p))
	})
}

func TestAbbreviate(t *testing.T) {
	for _, row := range []struct {
		s    string
		n    int
		want string
		why  string
	}{
		{"", 6, "", ""},
		{"short", 6, "short", "fits"},
		{"sixsix", 6, "sixsix", "fits just so"},
		{"abcdefghij", 6, "abcd…ij", "both ends are kept, more of the beginning"},
		{"äöüßäöüßäöü", 6, "äöüß…öü", "characters, not bytes"},
	} {
		require.Equal(t, row.want, show.Abbreviate(row.s, row.n), row.why)
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
		require.Equal(t, row.want, show.Fold(row.text, "- ", "  ", row.columns), row.why)
	}
}
