package heapdump

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
)

// A Dump is what a heap dump says of blocks and their pointers.
type Dump struct {
	// HeapAlloc is runtime.MemStats.HeapAlloc at the moment of the dump, in bytes.
	HeapAlloc uint64

	pointerSize int
	blocks      []block // by address
	pointers    []pointer
	roots       []uint64     // what static memory, stacks and finalizers point to
	static      []uint64     // those of them in static memory
	listed      []uint64     // addresses of goroutines and threads
	scheduler   map[int]bool // blocks that are a goroutine, a thread or a processor
}

// A block is a part of the heap that the allocator gave as a whole.
type block struct {
	addr, size  uint64
	first       [2]uint64 // its first sixteen bytes: a block may begin with a header of eight
	from, until int       // its pointers
}

// A pointer is a word of a block that the collector follows.
type pointer struct{ offset, to uint64 }

// Take writes a dump of this process's heap to a temporary file, and reads it. It stops the world.
func Take() (*Dump, error) {
	file, err := os.CreateTemp("", "heapdump-")
	if err != nil {
		return nil, fmt.Errorf("heapdump: %w", err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	debug.WriteHeapDump(file.Fd())
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("heapdump: %w", err)
	}
	return Read(file)
}

const header = "go1.7 heap dump\n"

// Read reads a dump. The error tells that the input is no dump, or is cut.
func Read(r io.Reader) (*Dump, error) {
	d := &Dump{scheduler: map[int]bool{}, pointerSize: 8}
	in := &reader{in: bufio.NewReaderSize(r, 1<<20)}
	if in.bytes(uint64(len(header))); in.err != nil || in.content.String() != header {
		return nil, errors.New("heapdump: the input does not begin as a heap dump does")
	}
	for in.err == nil {
		tag := in.number()
		if tag == tagEnd {
			break
		}
		d.record(in, tag)
	}
	if in.err != nil {
		return nil, fmt.Errorf("heapdump: %w", in.err)
	}
	slices.SortFunc(d.blocks, func(a, b block) int {
		if a.addr < b.addr {
			return -1
		}
		return 1
	})
	for _, address := range d.listed {
		if at := d.find(address); at >= 0 { // the first goroutine and the first thread are static
			d.scheduler[at] = true
		}
	}
	d.addProcessors()
	return d, nil
}

// The records of a dump, by the number with which each begins.
const (
	tagEnd             = 0
	tagObject          = 1
	tagOtherRoot       = 2
	tagType            = 3
	tagGoroutine       = 4
	tagFrame           = 5
	tagParameters      = 6
	tagFinalizer       = 7
	tagItab            = 8
	tagThread          = 9
	tagMemStats        = 10
	tagQueuedFinalizer = 11
	tagData            = 12
	tagBSS             = 13
	tagDefer           = 14
	tagPanic           = 15
	tagProfile         = 16
	tagSample          = 17
)

// shapes tells what the records consist of that the reader passes over: n is a number, s a string.
var shapes = map[uint64]string{
	tagType: "nnsn", tagItab: "nn", tagDefer: "nnnnnnn", tagPanic: "nnnnnn", tagSample: "nn",
}

func (d *Dump) record(in *reader, tag uint64) {
	switch tag {
	case tagObject:
		d.object(in)
	case tagOtherRoot:
		in.skip("s")
		d.roots = append(d.roots, in.number())
	case tagGoroutine:
		d.listed = append(d.listed, in.number())
		in.skip("nnnnnnns")
		d.roots = append(d.roots, in.number()) // the closure that runs
		in.skip("nnn")
	case tagFrame:
		in.skip("nnn")
		in.bytes(in.number())
		in.skip("nnns")
		d.roots = append(d.roots, d.targets(in)...)
	case tagParameters:
		if in.number() != 0 {
			in.fail(errors.New("of a big-endian machine, which this reader does not know"))
		}
		d.pointerSize = int(in.number())
		in.skip("nnssn")
	case tagFinalizer, tagQueuedFinalizer:
		in.skip("n")
		d.roots = append(d.roots, in.number())
		in.skip("nnn")
	case tagThread:
		d.listed = append(d.listed, in.number())
		in.skip("nn")
	case tagMemStats:
		d.memStats(in)
	case tagData, tagBSS:
		in.skip("n")
		in.bytes(in.number())
		d.static = append(d.static, d.targets(in)...)
	case tagProfile:
		in.skip("nn")
		for range in.number() {
			in.skip("ssn")
		}
		in.skip("nn")
	default:
		d.other(in, tag)
	}
}

func (d *Dump) other(in *reader, tag uint64) {
	shape, known := shapes[tag]
	if !known {
		in.fail(fmt.Errorf("a record of an unknown kind, %d", tag))
	}
	in.skip(shape)
}

// memStats keeps HeapAlloc, the seventh of 281 numbers.
func (d *Dump) memStats(in *reader) {
	in.skip("nnnnnn")
	d.HeapAlloc = in.number()
	for range 274 {
		in.number()
	}
}

func (d *Dump) object(in *reader) {
	b := block{addr: in.number(), from: len(d.pointers)}
	b.size = in.number()
	in.bytes(b.size)
	for i := 0; i < len(b.first) && len(in.content.Bytes()) >= 8*(i+1); i++ {
		b.first[i] = binary.LittleEndian.Uint64(in.content.Bytes()[8*i:])
	}
	d.eachPointer(in, func(p pointer) { d.pointers = append(d.pointers, p) })
	b.until = len(d.pointers)
	d.blocks = append(d.blocks, b)
}

// targets is where the pointers of the memory that was read last lead to.
func (d *Dump) targets(in *reader) (to []uint64) {
	d.eachPointer(in, func(p pointer) { to = append(to, p.to) })
	return to
}

// eachPointer reads the list of offsets that follows memory, and calls f with each pointer but nil.
func (d *Dump) eachPointer(in *reader, f func(pointer)) {
	content := in.content.Bytes()
	for in.err == nil {
		if kind := in.number(); kind == 0 {
			return
		}
		offset := in.number()
		if offset > uint64(len(content)) || uint64(len(content))-offset < uint64(d.pointerSize) {
			if in.err == nil {
				continue // arguments of a frame may lie in the frame that called it
			}
			return
		}
		to := uint64(0)
		if word := content[offset:]; d.pointerSize == 8 {
			to = binary.LittleEndian.Uint64(word)
		} else {
			to = uint64(binary.LittleEndian.Uint32(word))
		}
		if to != 0 {
			f(pointer{offset, to})
		}
	}
}

// A reader reads the parts of records. After an error it reads zeros.
type reader struct {
	in      *bufio.Reader
	content bytes.Buffer // the memory that was read last
	err     error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) number() uint64 {
	if r.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(r.in)
	if err != nil {
		r.fail(noEOF(err))
		return 0
	}
	return n
}

// bytes reads n bytes into content. It takes memory only for what is there.
func (r *reader) bytes(n uint64) {
	r.content.Reset()
	if r.err != nil {
		return
	}
	if _, err := io.CopyN(&r.content, r.in, int64(min(n, 1<<62))); err != nil {
		r.fail(noEOF(err))
	}
}

// skip passes over numbers and strings, by their shape: see shapes. It leaves content as it is.
func (r *reader) skip(shape string) {
	for _, part := range shape {
		n := r.number()
		if part == 's' && r.err == nil {
			if _, err := r.in.Discard(int(min(n, 1<<31-1))); err != nil {
				r.fail(noEOF(err))
			}
		}
	}
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
