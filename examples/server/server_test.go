package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/memsizetest"
	"github.com/bitcoin-mem/memsize/report"
)

// account is the report of a root as the debug page serves it.
func account(t *testing.T, server *httptest.Server, root string) (r report.Report) {
	t.Helper()
	answer, err := http.Get(server.URL + "/debug/memsize/" + root + "/json")
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, 200, answer.StatusCode)
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&r))
	return r
}

// The README's walk: the page says that sessions hold nearly all, and that it is in their tokens.
func TestTheFaultIsFound(t *testing.T) {
	const users = 200
	a := new(app)
	server := httptest.NewServer(a.handler(a.watched()))
	defer server.Close()
	a.simulate(users)

	all := account(t, server, "all")
	if all.Exactness != "exact" {
		t.Skip("only the runtime knows what a token keeps alive")
	}
	require.Equal(t, "sessions", all.Tree.Children[0].Path)
	require.Greater(t, all.Tree.Children[0].Total, all.Total*9/10)

	sessions := account(t, server, "sessions")
	var tokens *report.Node
	for n := range sessions.Nodes() {
		if strings.HasSuffix(n.Path, "[].Token") {
			tokens = n
		}
	}
	require.NotNil(t, tokens)
	require.EqualValues(t, users, tokens.Count)
	require.EqualValues(t, users*formSize, tokens.Own, "each token keeps a form")
	require.EqualValues(t, users*(formSize-32), tokens.Pinned, "of which 32 bytes are wanted")
}

// Requests do what the simulation does.
func TestRequests(t *testing.T) {
	a := new(app)
	server := httptest.NewServer(a.handler(a.watched()))
	defer server.Close()
	messages := a.hub.subscribe()
	for _, row := range []struct {
		path, body string
		status     int
	}{
		{"/login", "user=ann&token=0123456789&page=front", 200},
		{"/login", "nobody", 400},
		{"/login", strings.Repeat("x", 2<<20), 400},
		{"/documents/one", "every word counts", 200},
	} {
		answer, err := http.Post(server.URL+row.path, "text/plain", strings.NewReader(row.body))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, row.status, answer.StatusCode, row.path)
	}
	require.Equal(t, "0123456789", a.sessions.byID["ann"].Token)
	require.Equal(t, []string{"one"}, a.index.words["word"])
	require.Equal(t, "new document: one", <-messages)
	require.Positive(t, account(t, server, "hub").Total)
}

// The README's test of the cure fails as long as the fault is there, and names the place.
func TestTheCureWouldBeSeen(t *testing.T) {
	var s sessions
	form := "user=ann&token=0123456789abcdef0123456789abcdef&" + strings.Repeat("x", 64<<10)
	for range 10 {
		require.NoError(t, s.login(form))
	}
	require.Greater(t, memsize.Heap(memsize.Var(&s.byID)), uint64(64<<10))
	s.byID["ann"].Token = strings.Clone(s.byID["ann"].Token)
	memsizetest.AtMost(t, memsize.Var(&s.byID), "1KiB")
}
