package show

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Printable is s with everything escaped that a terminal could act upon, as in a Go string. What
// prints is left as it is, backslashes too: names of a snapshot are escaped already.
func Printable(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		piece := s[:size]
		s = s[size:]
		if !strconv.IsPrint(r) || r == utf8.RuneError {
			quoted := strconv.Quote(piece)
			piece = quoted[1 : len(quoted)-1]
		}
		b.WriteString(piece)
	}
	return b.String()
}

// Abbreviate shortens s to about n characters, keeping both ends.
func Abbreviate(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n*2/3]) + "…" + string(r[len(r)-n/3:])
}

// Fold breaks a text between words into lines of at most so many columns, 0 for any number, the
// first and the others indented.
func Fold(text, first, others string, columns int) string {
	if columns == 0 {
		return first + text
	}
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

// Markdown is s as the cell of a table, with everything escaped that Markdown, HTML or a terminal
// would act upon: names come from the data.
func Markdown(s string) string { return markdownEscaper.Replace(Printable(s)) }

var markdownEscaper = strings.NewReplacer("|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;",
	">", "&gt;", "[", `\[`, "]", `\]`, "&", "&amp;", "@", "&#64;", "\\", `\\`, "~", `\~`, "#", `\#`)
