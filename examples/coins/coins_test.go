package main

import (
	"math/rand/v2"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
)

// The running sum is what a walk of all coins finds, after each of many steps.
func TestUsage(t *testing.T) {
	var v view
	require.Equal(t, memsize.Of(v), v.usage(), "an empty cache has its first chunk")
	r := rand.New(rand.NewPCG(1, 2))
	for step := range 20_000 {
		at := OutPoint{N: r.Uint32N(5000)}
		if r.IntN(3) == 0 {
			v.spend(at)
		} else {
			c := Coin{}
			c.Out.Script = make([]byte, r.IntN(100))
			v.add(at, c)
		}
		if step%500 == 0 {
			require.Equal(t, memsize.Of(v), v.usage(), "after %d steps", step)
		}
	}
	require.Positive(t, v.scripts)
}

func TestState(t *testing.T) {
	const mib = 1 << 20
	for _, row := range []struct {
		dbcache, maxmempool, coins, mempool uint64
		want                                state
		why                                 string
	}{
		{450, 0, 440 * mib, 0, ok, "10 MiB are left: those of a block"},
		{450, 0, 440*mib + 1, 0, large, ""},
		{450, 0, 450 * mib, 0, large, "just what there is"},
		{450, 0, 450*mib + 1, 0, critical, ""},
		{50, 0, 45 * mib, 0, ok, "nine tenths are more than all but 10 MiB"},
		{50, 0, 45*mib + 1, 0, large, ""},
		{5, 0, 4*mib + mib/2, 0, ok, "less than the coins of a block at all"},
		{5, 0, 4*mib + mib/2 + 1, 0, large, ""},
		{450, 300, 740 * mib, 0, ok, "an empty mempool lends its room"},
		{450, 300, 740*mib + 1, 0, large, ""},
		{450, 300, 451 * mib, 299 * mib, large, "one that is nearly full lends what is left"},
		{450, 300, 451 * mib, 300 * mib, critical, "a full one nothing"},
		{450, 300, 440 * mib, 400 * mib, ok, "and one that is over its limit takes none away"},
		{0, 0, 1, 0, critical, ""},
	} {
		l := limits{row.dbcache * mib, row.maxmempool * mib}
		require.Equal(t, row.want, l.state(row.coins, row.mempool), "%+v", row)
	}
}

// The program flushes, and never has more than a block's coins too many.
func TestProgram(t *testing.T) {
	out, err := exec.Command("go", "run", ".", "-blocks", "60", "-dbcache", "8", "-maxmempool", "1").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Regexp(t, `block +\d+: [\d,]+ coins take 9\.\d+ MiB: critical, flushed`, string(out))
	require.Regexp(t, `block  60: .*\n$`, string(out))
}
