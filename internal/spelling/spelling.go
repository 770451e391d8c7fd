// Package spelling finds the word that somebody meant, for messages about one that is not known, and
// spells types.
package spelling

// Nearest is the known word that takes the fewest letters to be changed, added or left out, the
// first of several; empty where all of them are about another word: where more than a third of the
// letters would change.
func Nearest(word string, known []string) string {
	letters := []rune(word)
	best, least := "", (len(letters)+2)/3+1
	for _, k := range known {
		if n := distance(letters, []rune(k), least); n < least {
			best, least = k, n
		}
	}
	return best
}

// distance is Levenshtein's distance of two words, or limit where that is at least so much.
func distance(a, b []rune, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) >= limit {
		return limit
	}
	row := make([]int, len(b)+1) // the distances of a's first letters from b's first j
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		before := row[0]
		row[0] = i + 1
		for j, y := range b {
			changed := before
			if x != y {
				changed++
			}
			before = row[j+1]
			row[j+1] = min(changed, before+1, row[j]+1)
		}
	}
	return row[len(b)]
}
