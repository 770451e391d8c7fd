package memsizeprom_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/report"
)

// tool is the path of a program of Prometheus. Without it the test is left out, loudly.
func tool(t *testing.T, name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("NO %s IS INSTALLED: the metrics are NOT tested against a real one "+
			"(apt-get install prometheus)", strings.ToUpper(name))
	}
	return path
}

// run starts a program that is ended with the test.
func run(t *testing.T, path string, args ...string) io.Reader {
	program := exec.Command(path, args...)
	out, err := program.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, program.Start())
	t.Cleanup(func() {
		_ = program.Process.Kill()
		_ = program.Wait()
	})
	return out
}

// program is the address of the example program, running.
func program(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "example")
	out, err := exec.Command("go", "build", "-o", path, "./example").CombinedOutput()
	require.NoError(t, err, "%s", out)
	address, err := bufio.NewReader(run(t, path,
		"-address", "127.0.0.1:0", "-budget", "1m")).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(address)
}

// fetch is the body of an answer that is well.
func fetch(t *testing.T, method, address string) string {
	t.Helper()
	r, err := http.NewRequest(method, address, nil)
	require.NoError(t, err)
	a, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	require.NoError(t, err)
	require.Equal(t, 200, a.StatusCode, "%s", body)
	return string(body)
}

// The metrics of a real program pass promtool, and have no values in them.
func TestPromtool(t *testing.T) {
	promtool := tool(t, "promtool")
	address := program(t)
	fetch(t, "POST", "http://"+address+"/fill")
	metrics := fetch(t, "GET", "http://"+address+"/metrics")
	require.Contains(t, metrics, `memsize_root_bytes{model="go",part="used",root="cache"}`)
	require.NotContains(t, metrics, "secret")
	check := exec.Command(promtool, "check", "metrics")
	check.Stdin = strings.NewReader(metrics)
	out, err := check.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Empty(t, string(out), "no remark")
}

// The documented configuration and its rules are ones that Prometheus takes.
func TestConfiguration(t *testing.T) {
	promtool := tool(t, "promtool")
	out, err := exec.Command(promtool, "check", "config", "example/prometheus.yml").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "2 rules found")
}

// A real Prometheus scrapes a real program: what it stores is what the program's debug page says.
func TestPrometheus(t *testing.T) {
	prometheus := tool(t, "prometheus")
	address := program(t)
	fetch(t, "POST", "http://"+address+"/fill")

	folder := t.TempDir()
	config := fmt.Sprintf("global: {scrape_interval: 1s}\nscrape_configs:\n"+
		"- {job_name: memsize, static_configs: [{targets: [%q]}]}\n", address)
	file := filepath.Join(folder, "prometheus.yml")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	listen := free(t)
	run(t, prometheus, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(folder, "data"),
		"--web.listen-address="+listen, "--log.level=error")

	ask := func(query string) map[string]float64 { return instant(t, listen, query) }
	require.Eventually(t, func() bool { return len(ask(`memsize_root_bytes{root="all"}`)) > 0 },
		30*time.Second, 200*time.Millisecond, "Prometheus scrapes")
	for _, root := range []string{"cache", "index", "all"} {
		var r report.Report
		require.NoError(t, json.Unmarshal([]byte(fetch(t, "GET",
			"http://"+address+"/debug/memsize/"+root+"/json")), &r))
		for _, m := range r.Models {
			query := fmt.Sprintf(`sum(memsize_root_bytes{root=%q,model=%q})`, root, m.Name)
			require.Equal(t, map[string]float64{"": float64(m.Total)}, ask(query), query)
		}
	}
	before := ask(`sum(memsize_root_bytes{root="cache",model="go"})`)[""]
	fetch(t, "POST", "http://"+address+"/fill")
	require.Eventually(t, func() bool {
		return ask(`sum(memsize_root_bytes{root="cache",model="go"})`)[""] > before+1_000_000
	}, 30*time.Second, 200*time.Millisecond, "a million bytes more are seen")
	for root, age := range ask(`memsize_root_age_seconds`) {
		require.Less(t, age, 5.0, root)
	}
}

// free is an address that nobody listens at.
func free(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// instant is the answer of a Prometheus to an instant query, by root; nothing where it does not answer yet.
func instant(t *testing.T, address, query string) map[string]float64 {
	a, err := http.Get("http://" + address + "/api/v1/query?query=" + url.QueryEscape(query))
	if err != nil {
		return nil
	}
	defer a.Body.Close()
	var answer struct {
		Data struct {
			Result []struct {
				Metric struct{ Root string }
				Value  [2]any
			}
		}
	}
	if a.StatusCode != 200 {
		return nil
	}
	require.NoError(t, json.NewDecoder(a.Body).Decode(&answer))
	values := map[string]float64{}
	for _, r := range answer.Data.Result {
		n, err := strconv.ParseFloat(r.Value[1].(string), 64)
		require.NoError(t, err)
		values[r.Metric.Root] = n
	}
	return values
}
