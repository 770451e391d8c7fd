package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The pages of files are served to this machine until a signal comes.
func TestServe(t *testing.T) {
	out, in, err := os.Pipe()
	require.NoError(t, err)
	p := start(t, nil, in, "serve", snapshotFile("sessions.gob"), snapshotFile("mempool.gob"))
	line := make([]byte, 200)
	n, err := out.Read(line)
	require.NoError(t, err)
	address := strings.TrimSpace(string(line[:n]))
	for path, wants := range map[string]string{"": "sessions.gob", "0": "sessions.gob", "1": "mempool.gob"} {
		response, err := (&http.Client{Timeout: 10 * time.Second}).Get(address + path)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode)
		require.Contains(t, string(body), wants)
	}
	require.NoError(t, p.Process.Signal(os.Interrupt))
	code, took := p.wait(t)
	require.Equal(t, exitInterrupted, code)
	require.Less(t, took, 2*time.Second)
}

// Nobody else is answered.
func TestServeIsLocal(t *testing.T) {
	got := memsizeCommand(nil, "serve", "--http", "0.0.0.0:0", snapshotFile("utxo.gob"))
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.errs, "can be reached from other machines")
	for host, want := range map[string]int{"localhost:80": 200, "127.0.0.1:9": 200, "[::1]:1": 200, "evil.example": 403} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		handler([][]byte{[]byte("page")}).ServeHTTP(w, r)
		require.Equal(t, want, w.Code, host)
	}
}

// pprof's own page is served, of an account and of a difference, under the names of this machine alone.
func TestView(t *testing.T) {
	for _, args := range [][]string{{snapshotFile("sessions.gob")}, {snapshotFile("sessions.gob"), snapshotFile("mempool.gob")}} {
		out, in, err := os.Pipe()
		require.NoError(t, err)
		p := start(t, nil, in, append([]string{"view"}, args...)...)
		line := make([]byte, 200)
		n, err := out.Read(line)
		require.NoError(t, err)
		address := strings.TrimSpace(string(line[:n]))
		request, err := http.NewRequest(http.MethodGet, address, nil)
		require.NoError(t, err)
		for host, want := range map[string]int{request.Host: http.StatusOK, "evil.example": http.StatusForbidden} {
			request.Host = host
			response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
			require.NoError(t, err)
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, want, response.StatusCode)
			if want == http.StatusOK {
				require.Contains(t, string(body), "Sessions.ByID[].Values")
			}
		}
		require.NoError(t, p.Process.Signal(os.Interrupt))
		code, _ := p.wait(t)
		require.Equal(t, exitInterrupted, code, p.errs.String())
	}
}
