package report_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
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
