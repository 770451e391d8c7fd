//go:build !memsize_portable && !386

package memsizehttp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/memsizehttp"
	"github.com/bitcoin-mem/memsize/watch"
)

// A server shows what it holds at /debug/memsize/, to those on its own machine.
func Example() {
	var mu sync.RWMutex
	sessions := map[string][]byte{"ann": make([]byte, 1000)}

	w := watch.New(memsize.OnHeap())
	w.Add("sessions", memsize.Var(&sessions), watch.Lock(mu.RLocker()), watch.Budget(5*time.Second))
	mux := http.NewServeMux()
	mux.Handle("/debug/memsize/", memsizehttp.Handler(w, memsizehttp.MaxAge(time.Minute)))

	server := httptest.NewServer(mux) // in a program: http.ListenAndServe("localhost:6060", mux)
	defer server.Close()
	answer, err := http.Get(server.URL + "/debug/memsize/sessions?debug=1")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, table, _ := strings.Cut(string(text), "\n\n")
	_, rest, _ := strings.Cut(table, "\n\n")
	tree, _, _ := strings.Cut(rest, "\n\n")
	fmt.Println(tree)
	// Output:
	// where (go)                       bytes      %       own  count  each
	// sessions  map[string][]uint8  1.39 KiB  100.0     400 B      1  400 B
	//   280 B spare: room for more than the 40 B in use here
	// ╰╴[]  []uint8                 1.00 KiB   71.9  1.00 KiB      1  1.00 KiB
}
