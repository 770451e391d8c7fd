package pprof_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/report/pprof"
	"github.com/bitcoin-mem/memsize/rules"
)

type library struct {
	Shelves map[string][]book
	First   *book
}

type book struct {
	Title string
	Pages [][]byte
	Next  *book
}

func someLibrary() library {
	long := func(n int) string { return strings.Repeat("x", n) }
	list := &book{long(100), nil, &book{long(200), nil, &book{long(300), nil, nil}}}
	return library{map[string][]book{long(40): {{long(50), [][]byte{make([]byte, 5000)}, nil}}}, list}
}

func scanned() *report.Report {
	return memsize.Scan(someLibrary(), memsize.WithModels(rules.Core(), rules.Crate()))
}

// Each model's samples sum to its total, and the figures of each place are those of the tree.
func TestProfileHasTheReportsFigures(t *testing.T) {
	r := scanned()
	var out bytes.Buffer
	require.NoError(t, pprof.Write(&out, r))
	p, err := profile.Parse(&out)
	require.NoError(t, err)
	require.Equal(t, "core", p.DefaultSampleType)
	require.Len(t, p.SampleType, 2)
	for i, m := range r.Models {
		require.Equal(t, m.Name, p.SampleType[i].Type)
		require.Equal(t, "bytes", p.SampleType[i].Unit)
		var sum uint64
		byType := map[string]uint64{}
		for _, s := range p.Sample {
			sum += uint64(s.Value[i])
			byType[s.Label["type"][0]] += uint64(s.Value[i])
		}
		require.Equal(t, m.Total, sum, m.Name)
		for _, f := range r.Types {
			if i == 0 {
				require.Equal(t, f.Total, byType[f.Type], f.Type)
			}
		}
	}
}

// The list of books has three nodes, and one frame for all of them.
func TestRecursionIsOneFrame(t *testing.T) {
	p := pprof.Profile(scanned())
	deepest := 0
	for _, s := range p.Sample {
		deepest = max(deepest, len(s.Location))
	}
	require.LessOrEqual(t, deepest, 6)
}

// go tool pprof reads the profile: flat figures, tags and sample types are the report's.
func TestGoToolReadsIt(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("NOT RUN: there is no go command")
	}
	r := scanned()
	path := filepath.Join(t.TempDir(), "memory.pb.gz")
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, pprof.Write(file, r))
	require.NoError(t, file.Close())
	tool := func(args ...string) string {
		cmd := exec.Command(goTool, append(append([]string{"tool", "pprof"}, args...), path)...)
		cmd.Env = append(os.Environ(), "PPROF_TMPDIR="+t.TempDir())
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	for i, model := range []string{"core", "crate"} {
		top := tool("-top", "-unit=B", "-nodefraction=0", "-sample_index="+model)
		require.Contains(t, top, "Type: "+model)
		require.Contains(t, top, fmt.Sprintf("100%% of %dB total", r.Models[i].Total))
	}
	require.Regexp(t, regexp.MustCompile(`(?m)^ +\d+B .* root\.First\.Title string$`), tool("-top", "-unit=B"))
	tags := tool("-tags", "-unit=B")
	require.Contains(t, tags, "type:")
	require.Contains(t, tags, "[][]uint8")
	require.Contains(t, tool("-raw"), "core/bytes[dflt] crate/bytes")
}

func ExampleProfile() {
	p := pprof.Profile(memsize.Scan(map[string][]uint16{"key": make([]uint16, 500)}))
	for _, s := range p.Sample {
		fmt.Println(s.Value[0], s.Location[0].Line[0].Function.Name)
	}
	// Output:
	// 208 root map[string][]uint16
	// 1024 root[] []uint16
}

// Names survive go tool pprof, and no two places share one: it cuts what is in parentheses, and adds
// up frames of one name.
func TestNamesAreUnique(t *testing.T) {
	long := strings.Repeat("[]", 100)
	var places []account.Place
	place := func(step, typ string) {
		var sum account.Sum
		sum.Add(rules.Parts{Used: 100}, 1)
		places = append(places, account.Place{Parent: 0, Step: step, Type: typ, Sums: []account.Sum{sum}})
	}
	places = append(places, account.Place{Parent: -1, Root: true, Step: "root", Type: "[]any"})
	for _, typ := range []string{"*main.X", "*main.Y", "main.Z", "map[string]any", "G[int]", "G[string]"} {
		place("[].("+typ+")", "any("+typ+")")
	}
	place(long+"A"+long, "string")
	place(long+"B"+long, "string")
	r := account.Build([]string{"core"}, places)
	var out bytes.Buffer
	require.NoError(t, pprof.Write(&out, r))
	p, err := profile.ParseData(out.Bytes())
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, f := range p.Function {
		require.NotContains(t, f.Name, "(")
		require.False(t, seen[f.Name], f.Name)
		seen[f.Name] = true
	}
	require.Len(t, seen, 9)
}
