package memsizebeam

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"runtime"
	"slices"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/sync/errgroup"

	"github.com/bitcoin-mem/memsize/snapshot"
)

func init() {
	beam.RegisterCoder(reflect.TypeFor[Shards](), encodeShards, decodeShards)
	beam.RegisterType(reflect.TypeFor[Shard]())
	beam.RegisterType(reflect.TypeFor[Result]())
}

// Shard is one file.
type Shard struct {
	Name   string // as the file system has it
	Census []byte // saved (snapshot.Census.Save), compressed by zstd; empty if nothing could be read
	Reason string // why it could not be read, or not to its end; empty if it could
}

// Shards is a set of shards by name: the accumulator. Invariant: the list is in order of names, each
// of which is there once.
type Shards struct{ list []Shard }

// Len is the number of shards.
func (s Shards) Len() int { return len(s.list) }

// with is the set and one more. The set itself may be changed. Of shards of one name the one stays
// that has more to tell: so the order does not matter.
func (s Shards) with(shard Shard) Shards {
	i, known := slices.BinarySearchFunc(s.list, shard, byName)
	if !known {
		s.list = slices.Insert(s.list, i, shard)
	} else if better(shard, s.list[i]) {
		s.list[i] = shard
	}
	return s
}

func byName(a, b Shard) int { return cmp.Compare(a.Name, b.Name) }

// better tells whether a is to be taken rather than b: without a Reason, else with the longer
// census, else the one that sorts first.
func better(a, b Shard) bool {
	return cmp.Or(
		cmp.Compare(len(a.Reason), len(b.Reason)),
		cmp.Compare(len(b.Census), len(a.Census)),
		bytes.Compare(a.Census, b.Census),
		cmp.Compare(a.Reason, b.Reason),
	) < 0
}

// union is both sets. They may be changed.
func (s Shards) union(other Shards) Shards {
	if len(other.list) == 0 {
		return s
	}
	merged := make([]Shard, 0, len(s.list)+len(other.list))
	a, b := s.list, other.list
	for len(a) > 0 && len(b) > 0 {
		switch c := byName(a[0], b[0]); {
		case c < 0:
			merged, a = append(merged, a[0]), a[1:]
		case c > 0:
			merged, b = append(merged, b[0]), b[1:]
		default:
			kept := a[0]
			if better(b[0], kept) {
				kept = b[0]
			}
			merged, a, b = append(merged, kept), a[1:], b[1:]
		}
	}
	return Shards{append(append(merged, a...), b...)}
}

// encodeShards is the canonical form: equal sets give equal bytes. Each shard is its name, its reason
// and its census, each with its length before it.
func encodeShards(s Shards) ([]byte, error) {
	var b []byte
	for i := range s.list {
		shard := &s.list[i]
		for _, field := range [][]byte{[]byte(shard.Name), []byte(shard.Reason), shard.Census} {
			b = append(binary.AppendUvarint(b, uint64(len(field))), field...)
		}
	}
	return b, nil
}

// decodeShards reads what encodeShards wrote, and nothing else.
func decodeShards(b []byte) (s Shards, err error) {
	for len(b) > 0 {
		var fields [3][]byte
		for i := range fields {
			n, size := binary.Uvarint(b)
			if size <= 0 || n > uint64(len(b)-size) {
				return Shards{}, errors.New("memsizebeam: damaged shards: a length beyond the end")
			}
			fields[i], b = b[size:size+int(n)], b[size+int(n):]
		}
		shard := Shard{Name: string(fields[0]), Reason: string(fields[1]),
			Census: slices.Clone(fields[2])}
		if last := len(s.list) - 1; last >= 0 && s.list[last].Name >= shard.Name {
			return Shards{}, errors.New("memsizebeam: damaged shards: names out of order")
		}
		s.list = append(s.list, shard)
	}
	return s, nil
}

// unite is the CombineFn.
type unite struct{}

// CreateAccumulator is no shard yet.
func (*unite) CreateAccumulator() Shards { return Shards{} }

// AddInput adds a shard.
func (*unite) AddInput(s Shards, shard Shard) Shards { return s.with(shard) }

// MergeAccumulators unites two sets.
func (*unite) MergeAccumulators(a, b Shards) Shards { return a.union(b) }

// ExtractOutput merges the censuses in the order of names. It panics where one is damaged, which none
// is that came of a scan: the runner then tries again.
func (*unite) ExtractOutput(s Shards) Result {
	r, err := s.result()
	if err != nil {
		panic(err)
	}
	return r
}

// Result is the account of all files before it is priced.
type Result struct {
	First    string    // the name of the first file of which anything could be read
	Files    int       // of which anything could be read
	Census   []byte    // of these files, saved (snapshot.Census.Save); empty if there are none
	Failures []Failure // in order of names
}

// Failure is a file that could not be read, or not to its end.
type Failure struct {
	File    string `json:"file"`
	Reason  string `json:"reason"`
	Partial bool   `json:"partial"` // what could be read of it is in the census
}

// result merges the censuses.
func (s Shards) result() (Result, error) {
	var r Result
	for _, shard := range s.list {
		if shard.Reason != "" {
			r.Failures = append(r.Failures, Failure{shard.Name, shard.Reason, len(shard.Census) > 0})
		}
		if len(shard.Census) > 0 {
			if r.Files++; r.Files == 1 {
				r.First = shard.Name
			}
		}
	}
	if r.Files == 0 {
		return r, nil
	}
	var damaged error
	merged, err := snapshot.MergeSeq(s.censuses(&damaged))
	if err = errors.Join(damaged, err); err != nil {
		return r, err
	}
	var saved bytes.Buffer
	if err := merged.Save(&saved); err != nil {
		return r, err
	}
	r.Census = saved.Bytes()
	return r, nil
}

// censuses unpacks the censuses in the order of names, some at a time: as many as there are
// processors. It stops at one that is damaged, which none is that came of a scan.
func (s Shards) censuses(damaged *error) iter.Seq[*snapshot.Census] {
	return func(yield func(*snapshot.Census) bool) {
		for few := range slices.Chunk(s.list, 4*runtime.GOMAXPROCS(0)) {
			censuses, err := loadAll(few)
			for _, c := range censuses {
				if c != nil && !yield(c) {
					return
				}
			}
			if err != nil {
				*damaged = err
				return
			}
		}
	}
}

// loadAll loads the censuses of some shards, nil where a shard has none.
func loadAll(shards []Shard) ([]*snapshot.Census, error) {
	censuses := make([]*snapshot.Census, len(shards))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, shard := range shards {
		if len(shard.Census) == 0 {
			continue
		}
		g.Go(func() error {
			saved, err := unpack(shard.Census)
			if err != nil {
				return fmt.Errorf("memsizebeam: the census of %s: %w", shard.Name, err)
			}
			censuses[i], _ = snapshot.Scan(context.Background(), bytes.NewReader(saved)) // its error is its scan's own
			return nil
		})
	}
	return censuses, g.Wait()
}

// The encoder and decoder keep no state between calls, and may be used by several goroutines. One
// goroutine a call makes the bytes the same each time.
var (
	encoder = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
			zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithWindowSize(1<<20))
		if err != nil {
			panic(err) // the options are our own
		}
		return e
	})
	decoder = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			panic(err)
		}
		return d
	})
)

func pack(b []byte) []byte { return encoder().EncodeAll(b, nil) }

func unpack(b []byte) ([]byte, error) { return decoder().DecodeAll(b, nil) }
