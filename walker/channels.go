//go:build !memsize_portable

package walker

import (
	"sync"
	"unsafe"

	"github.com/bitcoin-mem/memsize/internal/check"
)

// channelHeader is the beginning of runtime.hchan (runtime/chan.go). Invariant: the buffer is a
// ring of dataqsiz elements from which the next receive takes number recvx. It is checked at
// first use by looking into a channel of known content; where the check fails, channels are
// reported without what waits in them, and that is counted as unaccounted.
type channelHeader struct {
	qcount   uint
	dataqsiz uint
	buf      unsafe.Pointer
	elemsize uint16
	closed   uint32
	timer    unsafe.Pointer
	elemtype unsafe.Pointer
	sendx    uint
	recvx    uint
}

var channelsReadable = sync.OnceValue(func() bool {
	return check.Holds(check.Channels, checkChannels)
})

func checkChannels() bool {
	const capacity = 5
	c := make(chan uint64, capacity)
	for i := range uint64(capacity) {
		c <- i
	}
	<-c
	<-c
	c <- capacity
	h := *(**channelHeader)(unsafe.Pointer(&c))
	if h.qcount != 4 || h.dataqsiz != capacity || h.recvx != 2 || h.elemsize != 8 {
		return false
	}
	for i := range uint64(4) {
		at := unsafe.Add(h.buf, (2+i)%capacity*8)
		if *(*uint64)(at) != 2+i {
			return false
		}
	}
	return true
}

// queued pushes the length elements that wait in the channel at p; false if it cannot.
func (s *Session) queued(n *Node, p unsafe.Pointer, length, capacity, mode uintptr) bool {
	h := (*channelHeader)(p)
	if !channelsReadable() || uintptr(h.dataqsiz) != capacity || uintptr(h.recvx) >= capacity {
		return false
	}
	if n.size == 0 {
		return true
	}
	next := uintptr(h.recvx)
	first := min(length, capacity-next)
	s.push(unsafe.Add(h.buf, next*n.size), n, first|mode)
	if rest := length - first; rest > 0 {
		s.push(h.buf, n, rest|mode)
	}
	return true
}
