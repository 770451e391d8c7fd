package report_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize"
	"github.com/bitcoin-mem/memsize/account"
	"github.com/bitcoin-mem/memsize/internal/schemacheck"
	"github.com/bitcoin-mem/memsize/report"
	"github.com/bitcoin-mem/memsize/rules"
)

//go:embed schema.json
var schemaText []byte

func compiledSchema(t *testing.T) *schemacheck.Schema {
	s, err := schemacheck.Load("schema.json")
	require.NoError(t, err)
	return s
}

func TestReportsFollowTheSchema(t *testing.T) {
	s := compiledSchema(t)
	for name, r := range reports() {
		text, err := r.JSON()
		require.NoError(t, err)
		require.NoError(t, s.Check(text), name)
	}
}

// A schema that accepts everything would prove nothing: each row breaks a real report.
func TestSchemaRefuses(t *testing.T) {
	s := compiledSchema(t)
	for _, row := range []struct {
		why      string
		old, new string
	}{
		{"another version", `"memsize/1"`, `"memsize/2"`},
		{"a missing total", `"total"`, `"totals"`},
		{"a missing part", `"rounding"`, `"slip"`},
		{"a negative figure", `"used": `, `"used": -`},
		{"a figure as text", `"count": 3`, `"count": "3"`},
		{"a child that is no node", `"children": [`, `"children": [7, `},
		{"a missing path", `"path"`, `"place"`},
		{"unaccounted without a reason", `"reason"`, `"cause"`},
	} {
		text, err := reports()["shop"].JSON()
		require.NoError(t, err)
		broken := bytes.ReplaceAll(text, []byte(row.old), []byte(row.new))
		require.NotEqual(t, text, broken, row.why)
		require.Error(t, s.Check(broken), row.why)
	}
	require.Error(t, s.Check([]byte(`{}`)))
}

// Every field that a report can have is in the schema, and the schema has no others, apart from
// those of a snapshot's file.
func TestSchemaKnowsEveryField(t *testing.T) {
	var schema struct {
		Properties map[string]any
		Defs       map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(schemaText, &schema))
	for _, row := range []struct {
		typ        reflect.Type
		properties map[string]any
		extra      []string
	}{
		{reflect.TypeFor[report.Report](), schema.Properties, []string{"file", "drift", "warnings"}},
		{reflect.TypeFor[rules.Parts](), schema.Defs["parts"].Properties, nil},
		{reflect.TypeFor[report.TypeFigures](), schema.Defs["type"].Properties, nil},
		{reflect.TypeFor[report.Node](), schema.Defs["node"].Properties, nil},
		{reflect.TypeFor[report.RootFigures](), schema.Defs["root"].Properties, nil},
		{reflect.TypeFor[report.Entry](), schema.Defs["entry"].Properties, nil},
		{reflect.TypeFor[report.Unaccounted](), schema.Defs["unaccounted"].Properties, nil},
		{reflect.TypeFor[report.ModelFigures](), schema.Defs["model"].Properties, nil},
	} {
		fields := slices.Clone(row.extra)
		for i := range row.typ.NumField() {
			if f := row.typ.Field(i); !f.Anonymous && f.IsExported() {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				fields = append(fields, name)
			}
		}
		var known []string
		for name := range row.properties {
			known = append(known, name)
		}
		require.ElementsMatch(t, fields, known, "%v and report/schema.json", row.typ)
	}
}

// The same value gives the same JSON, byte for byte, in every process and at every time; and
// what is read back is the report. Go's random order of map entries is tried many times.
func TestJSONIsStable(t *testing.T) {
	first, err := memsize.Scan(newShop()).JSON()
	require.NoError(t, err)
	for range 20 {
		again, err := memsize.Scan(newShop()).JSON()
		require.NoError(t, err)
		require.Equal(t, string(first), string(again))
	}
	golden(t, "shop.json", string(first)+"\n")
	var back report.Report
	require.NoError(t, json.Unmarshal(first, &back))
	second, err := back.JSON()
	require.NoError(t, err)
	require.Equal(t, string(first), string(second))
}

// Figures are integers of 64 bits in JSON, not floats.
func TestJSONOfSaturatedFigures(t *testing.T) {
	var most account.Sum
	most.Add(rules.Parts{Used: math.MaxUint64}, 1)
	r := account.Build([]string{"core"}, []account.Place{
		{Parent: -1, Root: true, Step: "root", Type: "T", Sums: []account.Sum{most}}})
	text, err := r.JSON()
	require.NoError(t, err)
	require.Contains(t, string(text), `"total": 18446744073709551615`)
	require.NoError(t, compiledSchema(t).Check(text))
}
