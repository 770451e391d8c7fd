package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A page has the figures of the account, and keys only where they may be seen.
func TestPages(t *testing.T) {
	page := memsizeCommand(nil, snapshotFile("utxo.gob"), "--output", "html").out
	require.True(t, strings.HasPrefix(page, "<!doctype html>"))
	require.True(t, strings.Contains(page, "<title>utxo.gob · memsize</title>"))
	require.True(t, strings.Contains(page, "{Hash:1ad0"))
	page = memsizeCommand(nil, snapshotFile("utxo.gob"), "--output", "html", "--no-values").out
	require.False(t, strings.Contains(page, "Hash:1ad0"))
	page = memsizeCommand(nil, "diff", snapshotFile("sessions.gob"), snapshotFile("utxo.gob"),
		"--output", "html", "--threshold", "5%").out
	require.True(t, strings.Contains(page, "<title>sessions.gob → utxo.gob · memsize</title>"))
	require.True(t, strings.Contains(page, "threshold exceeded"))
	for _, args := range [][]string{
		{snapshotFile("utxo.gob"), snapshotFile("mempool.gob"), "--output", "html"},
		{snapshotFile("utxo.gob"), "--output", "html", "--waste"}} {
		require.Equal(t, exitUsage, memsizeCommand(nil, args...).code, args)
	}
}
