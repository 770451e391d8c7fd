package page_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/bitcoin-mem/memsize/bench/internal/page"
)

func TestPut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	write(t, file, "before\n<a>\nold\nlines\n<b>\nafter\n<a>\n")
	for _, text := range []string{"new\n", "newer\n"} {
		if err := page.Put(file, "<a>", "<b>", text); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if want := "before\n<a>\n" + text + "<b>\nafter\n<a>\n"; string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPutLeavesPagesWithoutAPlaceAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	for _, text := range []string{"", "<a>\n", "<b>\n", "<b>\n<a>\n"} {
		write(t, file, text)
		if err := page.Put(file, "<a>", "<b>", "new\n"); err == nil {
			t.Errorf("%q: no error", text)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != text {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
	if err := page.Put(filepath.Join(t.TempDir(), "none"), "<a>", "<b>", ""); err == nil {
		t.Error("no error without a file")
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
