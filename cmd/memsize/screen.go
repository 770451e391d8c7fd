package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/bitcoin-mem/memsize/report"
)

// terminal is what knows its size by itself: in tests, which have no terminal.
type terminal interface{ size() (columns, rows int) }

// terminalSize is how many columns and rows w has, 0 where it is no terminal.
func terminalSize(w io.Writer) (columns, rows int) {
	switch w := w.(type) {
	case terminal:
		return w.size()
	case *os.File:
		if columns, rows, err := term.GetSize(int(w.Fd())); err == nil {
			return columns, rows
		}
	}
	return 0, 0
}

// isTerminal tells whether someone sits at the other end of a stream.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// section writes a part of an account.
type section func(w io.Writer, o report.TextOptions) error

// shares are how many per cent of the total a line of the tree must have to be shown: more than one
// on a screen that is too low.
var shares = []int{1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 90}

// left is what a screen ends with that does not show all.
const left = "\nCut to fit the screen: | less shows all; memsize size --help explains the words.\n"

// writeScreen writes what a screen of so many rows shows at once: the first sections always, with a
// tree of fewer lines where it must be, the others as there is room. It writes all where that fits.
func writeScreen(w io.Writer, rows int, o report.TextOptions, always, others []section) error {
	rows-- // for the shell
	all, err := rendered(o, append(always[:len(always):len(always)], others...))
	if err != nil {
		return err
	}
	if height(all, o.Width) <= rows {
		_, err = w.Write(all)
		return err
	}
	rows -= height([]byte(left), o.Width)
	var shown []byte
	for _, o.Share = range shares {
		if shown, err = rendered(o, always); err != nil {
			return err
		}
		if height(shown, o.Width) <= rows {
			break
		}
	}
	for _, s := range others {
		more, err := rendered(o, []section{s})
		if err != nil {
			return err
		}
		if height(shown, o.Width)+height(more, o.Width) <= rows {
			shown = append(shown, more...)
		}
	}
	_, err = fmt.Fprintf(w, "%s%s", shown, left)
	return err
}

// rendered is what sections write.
func rendered(o report.TextOptions, sections []section) ([]byte, error) {
	var b bytes.Buffer
	for _, write := range sections {
		if err := write(&b, o); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// height is how many rows of a terminal a text takes.
func height(text []byte, columns int) (rows int) {
	for line := range strings.Lines(string(text)) {
		rows += max(1, (len([]rune(strings.TrimSuffix(line, "\n")))+columns-1)/columns)
	}
	return rows
}

// fold breaks a text between words into lines of at most so many columns, the first and the others
// indented.
func fold(text, first, others string, columns int) string {
	var lines []string
	line, indent := "", first
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = indent + word
		case len([]rune(line))+1+len([]rune(word)) > columns:
			lines, indent = append(lines, line), others
			line = indent + word
		default:
			line += " " + word
		}
	}
	return strings.Join(append(lines, line), "\n")
}
