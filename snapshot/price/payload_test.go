package price_test

import (
	"bytes"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// uuid is as those of libraries are: an array that encodes itself.
type uuid [16]byte

func (u uuid) MarshalBinary() ([]byte, error)     { return u[:], nil }
func (u *uuid) UnmarshalBinary(data []byte) error { copy(u[:], data); return nil }

// ofOne is n values that f makes, of which encoding/gob writes each by its own method.
func ofOne[T any](f func(i int) T) any {
	list := make([]T, 50)
	for i := range list {
		list[i] = f(i)
	}
	return list
}

// The types of the standard library that encode themselves, with the Go types known: those of which the
// payload tells all are exact on the heap. A url.URL is a guess: its parts are substrings.
func TestStandardPayloads(t *testing.T) {
	digits := func(i int) *big.Int { return new(big.Int).Lsh(big.NewInt(int64(i)+1), uint(13*i)) }
	for _, row := range []struct {
		name  string
		value any
		exact bool
	}{
		{"big.Int", ofOne(digits), true},
		{"big.Rat", ofOne(func(i int) *big.Rat { return new(big.Rat).SetFrac(digits(i), big.NewInt(7)) }), true},
		{"big.Float", ofOne(func(i int) *big.Float { return new(big.Float).SetPrec(500).SetInt(digits(i)) }), true},
		{"time.Time", ofOne(func(i int) time.Time { return time.Unix(int64(i), 0).UTC() }), true},
		{"netip.Addr", ofOne(func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}) }), true},
		{"netip.AddrPort", ofOne(func(i int) netip.AddrPort { return netip.MustParseAddrPort("[::1]:80") }), true},
		{"netip.Prefix", ofOne(func(i int) netip.Prefix { return netip.MustParsePrefix("10.0.0.0/8") }), true},
		{"uuid", ofOne(func(i int) uuid { return uuid{byte(i)} }), true},
		{"url.URL", ofOne(func(i int) *url.URL {
			return &url.URL{Scheme: "https", Host: "example.com", Path: strings.Repeat("/x", i)}
		}), false},
	} {
		back := decoded(t, row.value)
		stream := encoded(row.value)
		c, err := snapshot.Scan(t.Context(), bytes.NewReader(stream))
		require.NoError(t, err, row.name)
		typed := c.Retype(liveTypes{reflect.TypeOf(row.value), nil})
		require.Empty(t, typed.Drift, row.name)
		r, err := price.Price(typed, []*rules.Model{rules.Go()}, nil)
		require.NoError(t, err, row.name)
		heap := memsize.Heap(back)
		t.Logf("%-14s heap %6d, from the payloads %6d", row.name, heap, r.Total)
		if row.exact {
			// A tiny block may be shared with what is beside it, and all addresses of a kind share one
			// block of 24 bytes, which is package netip's.
			require.InDelta(t, heap, r.Total, 24, row.name)
			require.Empty(t, typed.Assumptions, row.name)
		} else {
			require.NotEmpty(t, typed.Assumptions, row.name)
		}
		runtime.KeepAlive(back)
	}
}
