package report_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/reporttest"
)

// Real reports have equal sums too.
func TestRealReportsSumUp(t *testing.T) {
	for name, r := range reports() {
		for view, total := range reporttest.Views(r) {
			require.Equal(t, r.Total, total, "%s: %s", name, view)
		}
		for _, m := range r.Models {
			require.Equal(t, m.Total, m.Parts.Total(), "%s: %s", name, m.Name)
		}
	}
}
