package oracle

import (
	"reflect"
	"unsafe"
)

// Every use of unsafe in the oracle is here. The invariant: each address comes from a live value
// that the graph's root keeps reachable, and Go's heap does not move, so an address stays good
// and stays the same for as long as the graph is in use.

// at views the memory at p as an addressable value of type t.
func at(t reflect.Type, p unsafe.Pointer) reflect.Value {
	return reflect.NewAt(t, p).Elem()
}

// writable is v without the read-only mark that reflect puts on unexported fields.
func writable(v reflect.Value) reflect.Value {
	return at(v.Type(), unsafe.Pointer(v.UnsafeAddr()))
}

// slotOf is the address at which v is stored.
func slotOf(v reflect.Value) uintptr { return v.UnsafeAddr() }

// address is p as a number, to be compared and never to be turned back.
func address(p unsafe.Pointer) uintptr { return uintptr(p) }

// stringData is the address of the first byte of the string v.
func stringData(v reflect.Value) unsafe.Pointer {
	return unsafe.Pointer(unsafe.StringData(v.String()))
}

// dataWord is the place of an interface's second word: a type or method table comes first, and
// then the data (runtime/runtime2.go: eface, iface).
func dataWord(v reflect.Value) unsafe.Pointer {
	const word = unsafe.Sizeof(uintptr(0))
	return unsafe.Add(unsafe.Pointer(v.UnsafeAddr()), word)
}

// stored views what the interface v holds, of type t, where it lies: in the interface's data word
// if it is direct, else in the box that the data word points to.
func stored(v reflect.Value, t reflect.Type, direct bool) reflect.Value {
	place := dataWord(v)
	if !direct {
		place = *(*unsafe.Pointer)(place)
	}
	return at(t, place)
}

// isDirect tells whether an interface stores a value of type t in its data word instead of a
// pointer to a box: only then is the data word of t's zero value nil.
func isDirect(t reflect.Type) bool {
	zero := reflect.New(reflect.TypeFor[any]()).Elem()
	zero.Set(reflect.Zero(t))
	return *(*unsafe.Pointer)(dataWord(zero)) == nil
}

// atomicPointee is what a sync/atomic.Pointer[T] points to. Its only word is an unsafe.Pointer
// called v (sync/atomic/type.go).
func atomicPointee(v reflect.Value) unsafe.Pointer {
	return writable(v.FieldByName("v")).UnsafePointer()
}

// channelHeader is the beginning of a channel (runtime/chan.go: hchan), on any architecture.
type channelHeader struct {
	count    uint
	size     uint
	buffer   unsafe.Pointer
	elemSize uint16
	closed   uint32
	timer    unsafe.Pointer
	elemType unsafe.Pointer
	sendx    uint
	recvx    uint
}

// queued is the elements that wait in the channel v, oldest first, where they lie.
func queued(v reflect.Value) []reflect.Value {
	header := (*channelHeader)(v.UnsafePointer())
	elems := make([]reflect.Value, header.count)
	for i := range elems {
		slot := (header.recvx + uint(i)) % header.size
		offset := uintptr(slot) * uintptr(header.elemSize)
		elems[i] = at(v.Type().Elem(), unsafe.Add(header.buffer, offset))
	}
	return elems
}
