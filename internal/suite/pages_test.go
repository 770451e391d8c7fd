package suite_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPagesNameWhatIsThere: every path that a page of the root names in code marks is in the tree, and
// every link between pages leads somewhere.
func TestPagesNameWhatIsThere(t *testing.T) {
	path := regexp.MustCompile("`((?:[a-z0-9_]+/)+[A-Za-z0-9_.]*|[a-z_]+\\.go)`")
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	code := regexp.MustCompile("(?s)```.*?```|`[^`]*`")
	root := filepath.Join("..", "..")
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	for _, name := range []string{"ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"} {
		if _, err := os.Stat(filepath.Join(root, name)); err == nil {
			pages = append(pages, filepath.Join(root, name))
		}
	}
	named := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		prose := code.ReplaceAllString(string(text), "")
		for _, m := range link.FindAllStringSubmatch(prose, -1) {
			require.FileExists(t, existing(filepath.Join(filepath.Dir(page), m[1])), "%s links to %s", page, m[1])
		}
		if filepath.Base(page) != "ARCHITECTURE.md" && filepath.Base(page) != "CONTRIBUTING.md" {
			continue
		}
		for _, m := range path.FindAllStringSubmatch(string(text), -1) {
			first, _, _ := strings.Cut(m[1], "/")
			if _, err := os.Stat(filepath.Join(root, first)); err != nil && first != m[1] {
				continue // an import path, or another's
			}
			_, err := os.Stat(filepath.Join(root, m[1]))
			require.NoError(t, err, "%s names %s", page, m[1])
			named++
		}
	}
	require.Greater(t, named, 50)
}

// existing is a path to a file: a folder stands for what is in it.
func existing(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		if list, err := os.ReadDir(path); err == nil && len(list) > 0 {
			for _, e := range list {
				if !e.IsDir() {
					return filepath.Join(path, e.Name())
				}
			}
		}
	}
	return path
}
