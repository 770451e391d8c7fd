package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/bitcoin-mem/memsize/internal/show"
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

// left is what a screen ends with that does not show all, and leftShort on one that is small.
const (
	left      = "Cut to fit the screen: | less shows all; memsize size --help explains the words."
	leftShort = "| less shows all, and what words mean"
)

// isSmall tells that a screen has no room for sentences.
func isSmall(o report.TextOptions, rows int) bool {
	return rows > 0 && rows < 18 || o.Width > 0 && o.Width < 60
}

// writeScreen writes what a screen of so many rows shows at once: the head always, the tree with as
// many lines as there is room for, the others as they fit. It writes all where that fits.
func writeScreen(w io.Writer, rows int, o report.TextOptions, head, tree section, others []section) error {
	rows-- // for the shell
	all, err := rendered(o, append([]section{head, tree}, others...))
	if err != nil {
		return err
	}
	if height(all, o.Width) <= rows {
		_, err = w.Write(all)
		return err
	}
	hint := "\n" + show.Fold(left, "", "", o.Width) + "\n"
	if isSmall(o, rows) {
		hint, o.Legend = show.Fold(leftShort, "", "", o.Width)+"\n", false
	}
	shown, err := rendered(o, []section{head})
	if err != nil {
		return err
	}
	rows -= height(shown, o.Width) + height([]byte(hint), o.Width)
	below, err := fitting(rows, o, tree)
	if err != nil {
		return err
	}
	rows -= height(below, o.Width)
	for _, s := range others {
		more, err := rendered(o, []section{s})
		if err != nil {
			return err
		}
		if need := height(more, o.Width); need <= rows {
			rows -= need
			below = append(below, more...)
		}
	}
	_, err = fmt.Fprintf(w, "%s%s%s", shown, below, hint)
	return err
}

// fitting is what the tree shows in so many rows: a line at least, and its legend unless that would
// take the room of the tree.
func fitting(rows int, o report.TextOptions, tree section) ([]byte, error) {
	for o.Lines = max(rows, 1); ; {
		shown, err := rendered(o, []section{tree})
		over := height(shown, o.Width) - rows
		if err != nil || over <= 0 || o.Lines == 1 && !o.Legend {
			return shown, err
		}
		if o.Lines = max(o.Lines-(over+1)/2, 1); o.Lines < fewLines && o.Legend {
			o.Lines, o.Legend = max(rows, 1), false
		}
	}
}

// fewLines is how few lines of a tree are too few to explain them.
const fewLines = 5

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
