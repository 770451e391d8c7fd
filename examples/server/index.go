package main

import (
	"strings"
	"sync"
)

// index finds documents by the words in them.
type index struct {
	mu    sync.Mutex
	words map[string][]string // the documents that have a word
}

// add adds a document.
func (x *index) add(id, text string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.words == nil {
		x.words = map[string][]string{}
	}
	for _, word := range strings.Fields(text) {
		documents := x.words[word]
		if len(documents) == 0 || documents[len(documents)-1] != id {
			x.words[strings.Clone(word)] = append(documents, id)
		}
	}
}
