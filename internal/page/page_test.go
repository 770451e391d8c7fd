package page

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// build is the binary of a program in testdata.
func build(t *testing.T, program string) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), program)
	out, err := exec.Command("go", "build", "-o", name, "./testdata/"+program).CombinedOutput()
	require.NoError(t, err, "%s", out)
	binary, err := os.ReadFile(name)
	require.NoError(t, err)
	return binary
}

// A program that writes no page does not hold the page's style and program. The exception are programs
// with text/template or html/template: the linker keeps every method that a template could call.
func TestLinkedOnlyIntoProgramsThatWritePages(t *testing.T) {
	assets := map[string]string{"style": style, "body": body, "data": dataJS, "layout": layoutJS,
		"map": mapJS, "tables": tablesJS, "main": mainJS}
	for program, holds := range map[string]bool{"with": true, "without": false} {
		binary := build(t, program)
		for name, asset := range assets {
			require.Equal(t, holds, bytes.Contains(binary, []byte(asset)), "%s holds the %s", program, name)
		}
	}
}
