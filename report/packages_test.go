package report_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

// Each container belongs to the package of what it holds.
func TestPackages(t *testing.T) {
	for typ, want := range map[string]string{
		"string":                        "(built in)",
		"[]uint8":                       "(built in)",
		"map[string]any":                "(built in)",
		"[]struct{A int}":               "(built in)",
		"[]wallet.Coin":                 "wallet",
		"map[string]*wallet.Coin":       "wallet",
		"map[wallet.Key]struct {}":      "wallet",
		"*[4]wallet.Pair[string,int]":   "wallet",
		"any(wallet.Coin)":              "wallet",
		"chan wallet.Coin":              "wallet",
		"CoinsMap":                      "(package not known)",
		"struct{A int; B wallet.Coin …": "(package not known)",
		"":                              "(package not known)",
	} {
		r := &report.Report{Types: []report.TypeFigures{{Type: typ, Count: 2}}}
		require.Equal(t, want, r.Packages()[0].Type, typ)
		require.EqualValues(t, 2, r.Packages()[0].Count)
	}
}

// The packages sum to the total, the largest first.
func TestPackagesSumToTheTotal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		account := memsize.Scan(randomShelf(r, 4), memsize.WithModel(rules.Crate()))
		var sum uint64
		last := account.Total
		for _, p := range account.Packages() {
			require.Equal(t, p.Parts.Total(), p.Total)
			require.LessOrEqual(t, p.Total, last)
			sum, last = sum+p.Total, p.Total
		}
		require.Equal(t, account.Total, sum)
		var out bytes.Buffer
		require.NoError(t, account.WritePackages(&out, report.TextOptions{All: true}))
		require.Contains(t, out.String(), "package (crate)")
	}
}

// On a narrow terminal names give way, and figures do not.
func TestWidth(t *testing.T) {
	rows := [][]string{{"where", "bytes", ""},
		{"a name that is much longer than the terminal is wide", "123,456", "x"}}
	for _, width := range []int{0, 200, 50, 45, 10} {
		var out bytes.Buffer
		require.NoError(t, report.WriteTable(&out, rows, report.TextOptions{Width: width}))
		require.Contains(t, out.String(), "123,456")
		for _, line := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
			if width >= 45 {
				require.LessOrEqual(t, len([]rune(string(line))), width)
			}
		}
	}
}
