package holders_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/walker"
)

// held is a line of the program's output.
type held struct {
	Name   string
	Chains []report.Chain
}

// TestChainsAreGo compiles the chains that a program prints into the program itself: each expression has
// the value that was asked about, by its address.
func TestChainsAreGo(t *testing.T) {
	if !walker.BlocksExact() {
		t.Skip("this build cannot ask the runtime for blocks")
	}
	const program = "./testdata/program"
	out, err := exec.Command("go", "run", program).CombinedOutput()
	require.NoError(t, err, string(out))
	var code bytes.Buffer
	fmt.Fprint(&code, "package main\n\nfunc init() {\n\tevaluations = map[string]func() any{\n")
	expressions, several := 0, 0
	for line := range strings.Lines(string(out)) {
		var h held
		require.NoError(t, json.Unmarshal([]byte(line), &h), line)
		require.NotEmpty(t, h.Chains)
		if len(h.Chains) > 1 {
			several++
		}
		seen := map[string]bool{}
		for i, chain := range h.Chains {
			require.False(t, seen[chain.String()], "%s twice", chain)
			seen[chain.String()] = true
			require.True(t, chain.Steps[len(chain.Steps)-1].Only, "the last step leads to the value itself")
			if notGo.MatchString(chain.Expr) {
				t.Logf("%s: no Go expression: %s", h.Name, chain)
				continue
			}
			expressions++
			fmt.Fprintf(&code, "\t\t%q: func() any { return %s },\n", fmt.Sprint(h.Name, "#", i),
				strings.ReplaceAll(chain.String(), "main.", ""))
		}
	}
	fmt.Fprint(&code, "\t}\n}\n")
	require.Greater(t, expressions, 150)
	require.Greater(t, several, 10, "values that are held more than once")
	out, err = exec.Command("go", "run", "-overlay", overlay(t, program, code.Bytes()), program).CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, code.Bytes())
	require.Contains(t, string(out), fmt.Sprint("evaluated ", expressions))
	t.Log(expressions, "expressions,", several, "values with several chains")
}

// notGo matches the steps that Go has no expression for.
var notGo = regexp.MustCompile(`\[key\]|\.\((untyped|func|chan)\)`)

// overlay puts a file into a package without writing there.
func overlay(t *testing.T, dir string, code []byte) string {
	t.Helper()
	root, err := filepath.Abs(dir)
	require.NoError(t, err)
	temporary := t.TempDir()
	file := filepath.Join(temporary, "evaluations.go")
	require.NoError(t, os.WriteFile(file, code, 0o600))
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "evaluations.go"): file}})
	require.NoError(t, err)
	name := filepath.Join(temporary, "overlay.json")
	require.NoError(t, os.WriteFile(name, list, 0o600))
	return name
}

type node struct {
	next *node
	data []byte
	key  map[string]*node
}

var global node

// What has no holders says why.
func TestHoldersErrors(t *testing.T) {
	if !walker.BlocksExact() {
		t.Skip("this build cannot ask the runtime for blocks")
	}
	var none *node
	held := &node{data: make([]byte, 10)}
	for _, c := range []struct {
		target any
		want   string
	}{
		{none, "is nil"},
		{nil, "wants a pointer"},
		{map[string]int(nil), "is nil"},
		{"", "is empty"},
		{[]byte{}, "is empty"},
		{5, "wants a pointer"},
		{&global, "static memory"},
		{"literal", "static memory"},
		{&node{key: map[string]*node{}}, "none of the 1 roots leads to"},
	} {
		_, err := memsize.Holders(map[string]any{"held": held}, c.target)
		require.ErrorContains(t, err, c.want)
	}
	chains, err := memsize.Holders(map[string]any{"held": held}, held.data)
	require.NoError(t, err)
	require.Equal(t, "held.data", chains[0].String())
}

// As many chains as were asked for, the shortest first; keys are kept out where that is asked for.
func TestMaxChains(t *testing.T) {
	if !walker.BlocksExact() {
		t.Skip("this build cannot ask the runtime for blocks")
	}
	shared := &node{data: make([]byte, 50)}
	root := &node{next: &node{next: shared}, key: map[string]*node{"secret": shared, "other": shared}}
	roots := map[string]any{"root": root}
	chains, err := memsize.Holders(roots, shared, memsize.MaxChains(10))
	require.NoError(t, err)
	require.Len(t, chains, 2, "two chains through the map would have it in common")
	require.Equal(t, "root.next.next", chains[0].String())
	require.Contains(t, []string{`root.key["secret"]`, `root.key["other"]`}, chains[1].String())
	chains, err = memsize.Holders(roots, shared, memsize.MaxChains(1), memsize.NoValues())
	require.NoError(t, err)
	require.Len(t, chains, 1)
	require.NotContains(t, chains[0].String(), "secret")
	require.Panics(t, func() { memsize.MaxChains(0) })
}
