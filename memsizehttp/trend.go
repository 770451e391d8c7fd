package memsizehttp

import (
	"fmt"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/show"
	"github.com/bitcoin-mem/memsize/watch"
)

// trend is a small curve of totals over time, in a drawing of 120 × 30.
type trend struct {
	Area, Curve  string // of an SVG path
	X, Y         string // of the newest total
	Text, Change string
}

// The drawing and the room that it leaves around the curve.
const width, height, room = 120, 30, 4

// trendOf is the curve of a root's totals, from 0 to the largest; nil for fewer than two.
func trendOf(points []watch.Point) *trend {
	if len(points) < 2 {
		return nil
	}
	first, last := points[0], points[len(points)-1]
	var most uint64
	for _, p := range points {
		most = max(most, p.Total)
	}
	span := last.At.Sub(first.At)
	var curve strings.Builder
	var x, y float64
	for i, p := range points {
		at := float64(i) / float64(len(points)-1)
		if span > 0 {
			at = float64(p.At.Sub(first.At)) / float64(span)
		}
		x, y = at*(width-room), height-room
		if most > 0 {
			y -= float64(p.Total) / float64(most) * (height - 2*room)
		}
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&curve, "%s%.1f %.1f", command, x, y)
	}
	t := &trend{Curve: curve.String(), X: fmt.Sprintf("%.1f", x), Y: fmt.Sprintf("%.1f", y)}
	t.Area = fmt.Sprintf("%sL%.1f %dL0 %dZ", t.Curve, x, height-room, height-room)
	t.Change = change(first.Total, last.Total) + " in " + duration(span)
	t.Text = fmt.Sprintf("%d walks, from %s to %s", len(points), show.Bytes(first.Total),
		show.Bytes(last.Total))
	return t
}

// change is by how much a total grew or shrank.
func change(old, new uint64) string {
	switch {
	case new == old:
		return "unchanged"
	case new > old:
		return "+" + show.Bytes(new-old)
	}
	return "−" + show.Bytes(old-new)
}
