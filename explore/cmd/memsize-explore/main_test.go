package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/rules"
)

const testdata = "../../../testdata/"

func TestCommandLine(t *testing.T) {
	garbage := filepath.Join(t.TempDir(), "x.gob")
	require.NoError(t, os.WriteFile(garbage, []byte("no gob\xff\xff"), 0o600))
	for _, row := range []struct {
		args string
		code int
		says string
	}{
		{"", 2, "usage:"}, {"a b c", 2, "usage:"}, {"--help", 0, "usage:"}, {"--nonsense x", 2, "usage:"},
		{"--model none x", 2, `no model "none"`}, {"/nowhere.gob", 1, "/nowhere.gob"}, {garbage, 1, garbage},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, row.code, run(strings.Fields(row.args), &out, &errs), row.args)
		require.Contains(t, errs.String(), row.says, row.args)
		require.Empty(t, out.String())
	}
}

// TestReadsAccounts: the account that memsize wrote as JSON has the figures of the file's own account.
func TestReadsAccounts(t *testing.T) {
	models := []*rules.Model{rules.Core(), rules.Go()}
	r, err := read(context.Background(), testdata+"mempool.gob", models)
	require.NoError(t, err)
	text, err := r.JSON()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "account.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	back, err := read(context.Background(), file, nil)
	require.NoError(t, err)
	require.Equal(t, r.Total, back.Total)
	require.Equal(t, r.Tree.Children[0].Models, back.Tree.Children[0].Models)
	for _, wrong := range []string{`{"schema": "memsize/1"}`, `{"schema": "memsize/1", `} {
		require.NoError(t, os.WriteFile(file, []byte(wrong), 0o600))
		_, err = read(context.Background(), file, nil)
		require.ErrorContains(t, err, "account", wrong)
	}
}

// TestInATerminal runs the command in a real terminal, as a person would.
func TestInATerminal(t *testing.T) {
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("NOT TESTED in a real terminal: there is no tmux here")
	}
	binary := filepath.Join(t.TempDir(), "memsize-explore")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	file, err := filepath.Abs(testdata + "mempool.gob")
	require.NoError(t, err)
	tmux := func(args ...string) string {
		out, err := exec.Command("tmux", append([]string{"-L", "memsize-explore-test"}, args...)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	tmux("new-session", "-d", "-s", "x", "-x", "90", "-y", "20", binary+" "+file+"; sleep 60")
	defer tmux("kill-server")
	shows := func(text string) {
		require.Eventually(t, func() bool {
			return strings.Contains(tmux("capture-pane", "-p", "-t", "x"), text)
		}, 20*time.Second, 50*time.Millisecond, text)
	}
	shows(".Transactions/")
	tmux("send-keys", "-t", "x", "Enter")
	shows("Mempool.Transactions")
	tmux("send-keys", "-t", "x", "m")
	shows("under go")
	tmux("send-keys", "-t", "x", "?")
	shows("any key closes this page")
	tmux("resize-window", "-t", "x", "-x", "40", "-y", "12")
	tmux("send-keys", "-t", "x", "q", "q")
	require.Eventually(t, func() bool {
		return !strings.Contains(tmux("capture-pane", "-p", "-t", "x"), "closes this page")
	}, 20*time.Second, 50*time.Millisecond)
}
