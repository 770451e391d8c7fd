package holders_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/memsizehttp"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/report/pprof"
	"github.com/bitcoin-mem/memsize/walker"
	"github.com/bitcoin-mem/memsize/watch"
)

// secrets is a value whose keys and contents must not be shown: maps in maps and in interfaces, with keys of
// many kinds, texts that are kept twice, and boxes.
func secrets() any {
	type key struct{ Name string }
	m := map[string]any{}
	for i := range 300 {
		text := fmt.Sprint("secret text number ", i%20)
		m[fmt.Sprint("secret key ", i)] = map[any][]any{
			fmt.Sprint("secret ", i): {text, strings.Clone(text), []byte(text)}, [6]byte([]byte("secret")): {text},
			key{"secret"}: {&text}}
	}
	return &m
}

// With NoValues nothing of a value's keys or contents is in any form of its report: text, JSON in every
// detail, page, profile, what a watch serves and logs, and the chains of its holders.
func TestNoValuesAnywhere(t *testing.T) {
	value := secrets()
	options := []memsize.Option{memsize.OnHeap(), memsize.WithBiggest(20), memsize.WithWaste()}
	shown := forms(t, value, options...)
	if walker.BlocksExact() {
		require.Contains(t, shown["text"], "secret", "the test would find it")
		require.Contains(t, shown["json max"], "secret", "the test would find it")
		require.Contains(t, shown["page"], "secret", "the test would find it")
	}
	for name, text := range forms(t, value, append(options, memsize.NoValues())...) {
		require.NotEmpty(t, text, name)
		require.NotContains(t, strings.ToLower(text), "secret", name)
		require.NotContains(t, text, "0x73", "%s: an array of bytes", name)
	}
}

// forms are all forms of a report of a value, by name.
func forms(t *testing.T, value any, options ...memsize.Option) map[string]string {
	t.Helper()
	forms := map[string]string{}
	r := memsize.Scan(value, options...)
	var w bytes.Buffer
	take := func(name string) { forms[name] = w.String(); w.Reset() }
	require.NoError(t, r.WriteText(&w))
	take("text")
	for _, d := range []report.Detail{report.DetailMinimal, report.DetailDefault, report.DetailMax} {
		text, err := r.WithDetail(d).JSON()
		require.NoError(t, err)
		forms["json "+d.String()] = string(text)
	}
	require.Less(t, len(forms["json minimal"]), report.MinimalJSON)
	require.NoError(t, r.WriteHTML(&w, report.HTMLOptions{}))
	take("page")
	require.NoError(t, r.WriteMarkdown(&w, report.TextOptions{}))
	take("markdown")
	forms["profile"] = pprof.Profile(r).String()
	served := watch.New(options...)
	served.Add("value", value)
	handler := memsizehttp.Handler(served)
	for _, path := range []string{"/value", "/value?debug=1", "/value/json", "/all/json"} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		forms["served "+path] = answer.Body.String()
	}
	slog.New(slog.NewTextHandler(&w, nil)).Info("memory", "live", served)
	take("log")
	return forms
}
