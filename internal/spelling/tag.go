package spelling

import (
	"math"
	"strconv"
	"strings"
)

// Tag says why the tag of a struct's field looks as if it were meant for a key, and is not read; empty if
// it does not look so. The tag has no value of that key.
func Tag(tag, key string) string {
	for rest := tag; rest != ""; {
		rest = strings.TrimLeft(rest, " ")
		name, value, found := strings.Cut(rest, ":")
		quoted, err := strconv.QuotedPrefix(value)
		if !found || err != nil || strings.ContainsAny(name, " \"") { // reflect reads no further
			if strings.Contains(strings.ToLower(rest), key) {
				return key + " tag is not read: want " + key + `:"…", with no space after the colon`
			}
			return ""
		}
		lower := strings.ToLower(name) // message is none of ours
		d := distance([]rune(lower), []rune(key), math.MaxInt)
		if name != key && (d <= 1 || d == 2 && strings.HasPrefix(lower, key[:3]) || lower == "memsize") {
			return "tag key " + strconv.Quote(name) + " is not read: did you mean " + key + "?"
		}
		rest = value[len(quoted):]
	}
	return ""
}
