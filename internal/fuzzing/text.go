package fuzzing

import "strings"

// Text is a JSON text changed by edits: one of its numbers, in one of eight a second one, and in one of
// eight a piece of it that is repeated. More changes leave few texts that get past a parser.
func Text(text string, edits []byte) string {
	if len(edits) > 2 && edits[0]%8 == 7 {
		text = Repeat(text, edits[1], edits[2])
	}
	if len(edits) >= 8 && edits[7]%8 == 7 {
		return Numbers(text, edits[:8])
	}
	return Numbers(text, edits[:min(len(edits), 4)])
}

// Numbers is a JSON text with some of its numbers changed. Each edit is four bytes: the first two say
// which digit, the third the digit or, in one of 64, what it becomes instead: nothing, a sign, a very
// large number, a null. The fourth, in one of 64, moves the edit to any byte of the text.
func Numbers(text string, edits []byte) string {
	for ; len(edits) >= 4; edits = edits[4:] {
		var digits []int
		for i := range len(text) {
			if text[i] >= '0' && text[i] <= '9' {
				digits = append(digits, i)
			}
		}
		if len(digits) == 0 {
			return text
		}
		pick := int(edits[0])<<8 | int(edits[1])
		at := digits[pick%len(digits)]
		if edits[3]%64 == 63 {
			at = pick % len(text)
		}
		to := string('0' + edits[2]%10)
		if edits[2]%16 == 15 && edits[0]%4 == 0 {
			to = []string{"", "-", "18446744073709551615", "null", "4294967296", "[]"}[edits[2]/16%6]
		}
		text = text[:at] + to + text[at+1:]
		if len(text) > 1<<20 {
			return text
		}
	}
	return text
}

// Repeat is a text with a piece of it, between two commas, several times: a list gets longer, a member
// stands twice.
func Repeat(text string, which, times byte) string {
	pieces := strings.Split(text, ",")
	i := int(which) % len(pieces)
	more := make([]string, 0, len(pieces)+int(times%4))
	more = append(more, pieces[:i]...)
	for range 1 + times%4 {
		more = append(more, pieces[i])
	}
	return strings.Join(append(more, pieces[i+1:]...), ",")
}
