package rules

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for expr, want := range map[string]string{
		"_":                                 "_",
		"-":                                 "-",
		"vector":                            "vector",
		" vector < shared_ptr > ":           "vector<shared_ptr>",
		"vector<_>":                         "vector", // a parameter that says nothing
		"map<_,_>":                          "map",
		"map<_, prevector=36>":              "map<prevector=36>", // the value alone
		"map<string,_>":                     "map<string,_>",
		"prevector=036":                     "prevector=36",
		"pool_unordered_map=262144":         "pool_unordered_map=262144",
		"unordered_set<vector<unique_ptr>>": "unordered_set<vector<unique_ptr>>",
		"amo<option>":                       "amo<option>",
	} {
		r, err := Parse(expr)
		require.NoError(t, err, expr)
		require.Equal(t, want, r.String())
		a, err := ParseExpr(expr)
		require.NoError(t, err)
		b, err := ParseExpr(want)
		require.NoError(t, err)
		require.Same(t, a, b, "equal expressions are one")
	}
}

func TestParseSaysWhereAndWhat(t *testing.T) {
	for expr, want := range map[string]string{
		"":                               "expected a rule (there are _ - vector",
		"vectr":                          `unknown rule "vectr"`,
		"vector<":                        "expected a rule",
		"vector<shared_ptr":              "expected ',' or '>' at byte 17",
		"vector>":                        "expected the end at byte 6",
		"vector=3":                       "vector takes no number",
		"prevector":                      "prevector needs a number (inline elements)",
		"prevector=0":                    "a number from 1",
		"prevector=x":                    "a number from 1",
		"prevector=99999999999999999999": "a number from 1",
		"vector<_,_>":                    "vector takes one parameter at byte 9",
		"map<_,_,_>":                     "map takes one parameter or two",
		"string<_>":                      "string takes no parameters",
		"-<_>":                           "takes no parameters",
		"vector vector":                  "expected the end at byte 7",
		strings.Repeat("vector<", 40) + "_" + strings.Repeat(">", 40): "more than 32 levels",
		strings.Repeat(" ", 2000):                                     "at most 1024 are read",
	} {
		_, err := Parse(expr)
		require.ErrorContains(t, err, want, "%q", expr)
	}
}

func TestConstructorsAreTheirExpressions(t *testing.T) {
	for _, r := range []Rule{
		Vector(), Prevector(36), String(), Set(), Map(), IndirectMap(), UnorderedSet(),
		UnorderedMap(), PoolUnorderedMap(1 << 63), List(), UniquePtr(), SharedPtr(), RawPtr(), Skip(),
	} {
		parsed, err := Parse(r.String())
		require.NoError(t, err)
		require.Same(t, r, parsed)
	}
	require.Panics(t, func() { Prevector(0) })
	require.Panics(t, func() { PoolUnorderedMap(0) })
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"_", "-", "map<_, prevector=36>", "vector<vector<-", "a=1", "<>,="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		e, err := ParseExpr(expr)
		if err != nil {
			require.Contains(t, err.Error(), "rules: ")
			return
		}
		again, err := ParseExpr(e.String())
		require.NoError(t, err, "the normal form of %q parses", expr)
		require.Same(t, e, again)
	})
}
