package browsertest

import (
	"bufio"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// exampleServer is the address of the debug page of the example server, whose users are logged in.
func exampleServer(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "server")
	build := exec.Command("go", "build", "-o", path, "./examples/server")
	build.Dir = "../.."
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	server := exec.Command(path, "-users", "3000", "-address", address)
	printed, err := server.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	line, err := bufio.NewReader(printed).ReadString('\n')
	require.NoError(t, err)
	time.Sleep(3 * time.Second) // the users log in
	return strings.TrimSpace(line)
}

// TestScreenshotsOfTheDebugPage writes the debug page of the example server for docs.
func TestScreenshotsOfTheDebugPage(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no folder is named: see make screenshots")
	}
	address := exampleServer(t)
	for range 3 {
		for _, root := range []string{"sessions", "index", "hub", "all"} {
			answer, err := http.Post(address+root, "", nil)
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
			require.Equal(t, 200, answer.StatusCode)
		}
	}
	for _, shot := range []struct {
		name, at string
		on       screen
	}{
		{"debug-index", "", screen{1280, 720, false}},
		{"debug-index-narrow", "", screen{400, 1000, true}},
		{"debug-root", "sessions", screen{1280, 900, false}},
	} {
		b := visit(t, address+shot.at, shot.on)
		time.Sleep(300 * time.Millisecond)
		png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		require.NoError(t, err)
		b.quiet()
		require.NoError(t, os.WriteFile(filepath.Join(*screenshots, shot.name+".png"), png, 0o644))
	}
}
