// Package show writes figures and names for people: sizes, shares, and text that comes from data and
// must not act upon a terminal or a page.
package show

import (
	"math/bits"
	"strconv"
	"strings"
)

// Bytes is n bytes in binary units with three digits, "1.46 MiB"; exact below 1 KiB.
func Bytes(n uint64) string {
	if n < 1024 {
		return strconv.FormatUint(n, 10) + " B"
	}
	value, unit := float64(n)/1024, 0
	for value >= 999.5 && unit < len(units)-1 {
		value /= 1024
		unit++
	}
	digits := 2
	if value >= 99.95 {
		digits = 0
	} else if value >= 9.995 {
		digits = 1
	}
	return strconv.FormatFloat(value, 'f', digits, 64) + " " + units[unit]
}

var units = [...]string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}

// Count is n with a comma every three digits.
func Count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Percent is a share of a total with one digit; empty where the total is 0.
func Percent(n, total uint64) string {
	if total == 0 {
		return ""
	}
	return strconv.FormatFloat(100*float64(n)/float64(total), 'f', 1, 64)
}

// Notable tells whether a figure is at least a hundredth of the total.
func Notable(n, total uint64) bool { return n > 0 && float64(n) >= 0.01*float64(total) }

// ParseBytes reads a number of bytes, such as "4096", with a unit of powers of 1024 ("1MiB", "1M") or
// of 1000 ("2GB"). It reports false for what is none, or is more than 2⁶⁴-1.
func ParseBytes(s string) (n uint64, ok bool) {
	end := len(s) - len(strings.TrimLeft(s, "0123456789"))
	n, err := strconv.ParseUint(s[:end], 10, 64)
	if err != nil {
		return 0, false
	}
	unit := strings.ToLower(strings.TrimSpace(s[end:]))
	if unit == "" || unit == "b" {
		return n, true
	}
	power := strings.IndexByte("kmgtpe", unit[0]) + 1
	base, known := map[string]uint64{"": 1024, "ib": 1024, "b": 1000}[unit[1:]]
	if power == 0 || !known {
		return 0, false
	}
	for range power {
		high, low := bits.Mul64(n, base)
		if high > 0 {
			return 0, false
		}
		n = low
	}
	return n, true
}
