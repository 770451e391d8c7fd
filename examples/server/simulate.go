package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// formSize is how long a form of the simulated users is, in bytes.
const formSize = 64 << 10

// simulate lets users log in, add documents and subscribe.
func (a *app) simulate(users int) {
	for i := range users {
		form := fmt.Sprintf("user=user%06d&token=%032x&", i, i)
		form += strings.Repeat("x", formSize-len(form))
		if err := a.sessions.login(form); err != nil {
			panic(err)
		}
		a.index.add(fmt.Sprintf("document%d", i), fmt.Sprintf("every document has a number %d", i))
		if i%50 == 0 {
			a.hub.subscribe()
		}
		a.hub.publish(fmt.Sprintf("user%06d is here", i))
	}
}

// readAll is the body of a request, at most 1 MiB.
func readAll(r *http.Request) (string, error) {
	var body strings.Builder
	_, err := io.Copy(&body, http.MaxBytesReader(nil, r.Body, 1<<20))
	return body.String(), err
}
