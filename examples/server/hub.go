package main

import "sync"

// hub hands messages to subscribers. Its lock is its own business.
type hub struct {
	mu          sync.Mutex
	subscribers map[int]chan string
	next        int
}

// subscribe is a channel of the messages from now on. Who does not read it in time misses some.
func (h *hub) subscribe() <-chan string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subscribers == nil {
		h.subscribers = map[int]chan string{}
	}
	messages := make(chan string, 64)
	h.subscribers[h.next] = messages
	h.next++
	return messages
}

// publish hands a message to all subscribers that have room for it.
func (h *hub) publish(message string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, to := range h.subscribers {
		select {
		case to <- message:
		default:
		}
	}
}

// still calls f while nobody subscribes or publishes.
func (h *hub) still(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}
