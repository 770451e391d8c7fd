package report_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// pageOf is a page, and the account that it holds.
func pageOf(t *testing.T, write func(*bytes.Buffer) error) (page string, account map[string]any) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, write(&out))
	page = out.String()
	data := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)
	found := data.FindStringSubmatch(page)
	require.NotNil(t, found)
	require.NoError(t, json.Unmarshal([]byte(found[1]), &account))
	return page, account
}

func TestPageOfReport(t *testing.T) {
	r := memsize.Scan([]string{"a string that is not inline", "another one that is not"})
	page, account := pageOf(t, func(w *bytes.Buffer) error {
		return r.WriteHTML(w, report.HTMLOptions{Title: "</script><b>&", Home: "../"})
	})
	require.Equal(t, "</script><b>&", account["title"])
	require.Equal(t, 2, strings.Count(page, "</script>"), "a title is no markup")
	require.Error(t, r.WriteHTML(&bytes.Buffer{}, report.HTMLOptions{Home: "javascript:alert(1)"}))
}

func TestPageOfDiff(t *testing.T) {
	old, new := memsize.Scan(map[string][]byte{"a": nil}), memsize.Scan(map[string][]byte{"a": make([]byte, 99)})
	_, account := pageOf(t, func(w *bytes.Buffer) error {
		return report.Compare(old, new).WriteHTML(w, report.HTMLOptions{})
	})
	require.Equal(t, "diff", account["kind"])
	require.ErrorContains(t, (&report.Diff{}).WriteHTML(&bytes.Buffer{}, report.HTMLOptions{}), "Compare")
}

// Without values the page has neither keys nor what leads to an entry, and says how large it is.
func TestPageWithoutValues(t *testing.T) {
	r := memsize.Scan(map[string]string{"k": "a string that is not inline"})
	r.Tree.Biggest = []report.Entry{{Key: "secret-key", Path: `root["secret-key"]`, Retained: 123456}}
	with, _ := pageOf(t, func(w *bytes.Buffer) error { return r.WriteHTML(w, report.HTMLOptions{}) })
	require.Contains(t, with, "secret-key")
	without, _ := pageOf(t, func(w *bytes.Buffer) error {
		return r.WriteHTML(w, report.HTMLOptions{NoValues: true})
	})
	require.NotContains(t, without, "secret-key")
	require.Contains(t, without, "123456")
}

// The page of the account of a snapshot is at most 400 KB.
func TestPageIsSmall(t *testing.T) {
	file, err := os.Open("../testdata/utxo.gob")
	require.NoError(t, err)
	defer file.Close()
	census, err := snapshot.Scan(context.Background(), file)
	require.NoError(t, err)
	r, err := price.Price(census, []*rules.Model{rules.Core(), rules.Crate()}, nil)
	require.NoError(t, err)
	page, _ := pageOf(t, func(w *bytes.Buffer) error { return r.WriteHTML(w, report.HTMLOptions{}) })
	t.Log(len(page), "bytes")
	require.Less(t, len(page), 400_000)
}

// The page allows nothing but its own style and program, and these have the hashes that it names.
func TestPagePolicy(t *testing.T) {
	page, _ := pageOf(t, func(w *bytes.Buffer) error {
		return memsize.Scan([]string{"a"}).WriteHTML(w, report.HTMLOptions{})
	})
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1]
	require.True(t, strings.HasPrefix(policy, "default-src 'none';"), policy)
	require.NotContains(t, policy, "unsafe")
	for _, tag := range []string{"style", "script"} {
		text := regexp.MustCompile(`(?s)<` + tag + `>(.*?)</` + tag + `>`).FindStringSubmatch(page)[1]
		sum := sha256.Sum256([]byte(text))
		require.Contains(t, policy, tag+"-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	}
	require.NotRegexp(t, `(?i)\son[a-z]+=|style="|https?://[^w]`, page, "nothing inline, no other address")
}
