package snapshot

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// A sample whose windows do not lie in the stream is refused, also where their ends wrap.
func TestSampleBeyondTheStream(t *testing.T) {
	saved := save(t, scanBytes(t, encode(t, []string{"a", "b"})))
	window := regexp.MustCompile(`"windows":\[\[\d+,\d+,`)
	require.Regexp(t, window, string(saved))
	for bad, says := range map[string]string{"0,1000": "a sample beyond the stream",
		"1000,0": "a sample beyond the stream", "-1,2": "no whole number",
		"9223372036854775807,9223372036854775807": "a sample beyond the stream"} {
		_, err := Scan(t.Context(), bytes.NewReader(window.ReplaceAll(saved, []byte(`"windows":[[`+bad+`,`))))
		require.ErrorContains(t, err, says, bad)
	}
}
