package price_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
	"github.com/bitcoin-mem/memsize/snapshot/price"
)

// A stream may carry the types of its values, and these may be hostile: pricing ends soon, and what
// is beyond 64 bits is not a small figure.
func TestHostileTypes(t *testing.T) {
	type named struct{ Number int }
	doubling := `{"kind":"int"}` // from type 3 on: 2^40 fields in all
	for i := range 40 {
		field := fmt.Sprintf(`{"name":"f","type":%d}`, i+4)
		doubling += `, {"kind":"struct","fields":[` + field + `,` + field + `]}`
	}
	doubling += `, {"kind":"int"}`
	deep := `{"kind":"int"}` // from type 3 on: 100 structs, each in the one before, and a map
	for i := range 100 {
		deep += fmt.Sprintf(`, {"kind":"struct","fields":[{"name":"f","type":%d}]}`, i+4)
	}
	deep += `, {"kind":"map","key":2,"elem":2}`
	for _, row := range []struct {
		why, types, model string
		value             any
		least             uint64 // bytes
		drift             string // empty for none
	}{
		{"a pointer to itself among the elements of a slice",
			`{"kind":"slice","elem":2}, {"kind":"ptr","elem":2,"name":"P","pkg":"main"}`,
			"go", []time.Time{time.Unix(1, 0)}, 8, ""},
		{"2^64 maps in arrays in arrays", `{"kind":"struct","name":"named","fields":[
			{"name":"Number","type":2}, {"name":"maps","type":3}]},
			{"kind":"int"}, {"kind":"array","len":1073741824,"elem":4},
			{"kind":"array","len":1073741824,"elem":5}, {"kind":"array","len":16,"elem":6},
			{"kind":"map","key":2,"elem":2}`,
			"core", named{5}, math.MaxUint64, ""},
		{"fields in fields that no value was sent for", `{"kind":"struct","name":"named","fields":[
			{"name":"Number","type":2}, {"name":"rest","type":3}]}, ` + doubling,
			"core", named{5}, 0, "16384 fields"},
		{"a map in a hundred structs that no value was sent for", `{"kind":"struct","name":"named","fields":[
			{"name":"Number","type":2}, {"name":"rest","type":3}]}, ` + deep,
			"core", named{5}, 0, "64 in each other"},
		{"fields in fields of a value that encodes itself",
			`{"kind":"struct","name":"Time","pkg":"main","fields":[{"name":"rest","type":3}]}, ` + doubling,
			"core", time.Unix(1, 0), 0, ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			l, err := layout.Parse([]byte(`{"schema":"memsize-layout/1","type":1,"types":[` + row.types + `]}`))
			require.NoError(t, err)
			c := scan(t, row.value).Retype(l)
			if row.drift == "" {
				require.Empty(t, c.Drift)
			} else {
				require.Len(t, c.Drift, 1)
				require.Contains(t, c.Drift[0].Text, row.drift)
			}
			r, err := price.Price(c, []*rules.Model{lookup(row.model)}, nil)
			require.NoError(t, err)
			require.GreaterOrEqual(t, r.Total, row.least)
		})
	}
}
