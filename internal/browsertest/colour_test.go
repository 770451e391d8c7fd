package browsertest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/report"
)

// The eyes that colours are looked at with: all cones, and those of people without the red, green or
// blue ones (Machado, Oliveira and Fernandes, 2009, of linear colours).
var eyes = map[string][3][3]float64{
	"all cones":    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// seen is a colour of 8-bit parts in Oklab, as an eye sees it.
func seen(eye [3][3]float64, c []float64) (lab [3]float64) {
	var linear, rgb [3]float64
	for i := range linear {
		v := c[i] / 255
		if v <= 0.04045 {
			linear[i] = v / 12.92
		} else {
			linear[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	for i := range rgb {
		for j := range linear {
			rgb[i] += eye[i][j] * linear[j]
		}
		rgb[i] = min(max(rgb[i], 0), 1)
	}
	l := math.Cbrt(0.4122214708*rgb[0] + 0.5363325363*rgb[1] + 0.0514459929*rgb[2])
	m := math.Cbrt(0.2119034982*rgb[0] + 0.6806995451*rgb[1] + 0.1073969566*rgb[2])
	s := math.Cbrt(0.0883024619*rgb[0] + 0.2817188376*rgb[1] + 0.6299787005*rgb[2])
	return [3]float64{0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s, 0.0259040371*l + 0.7827717662*m - 0.8086757660*s}
}

func distance(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// backgrounds are the colours of the elements that a selector finds, drawn on a canvas.
const backgrounds = `[...document.querySelectorAll(%s)].map(e => {
	const c = document.createElement('canvas').getContext('2d')
	c.fillStyle = getComputedStyle(e).backgroundColor
	c.fillRect(0, 0, 1, 1)
	return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3) })`

// justSeen is a distance in Oklab that people tell apart without effort.
const justSeen = 0.03

// Growth can be told from shrinking, and each of the five parts from the next, with any eyes.
func TestColoursForAllEyes(t *testing.T) {
	r := snapshotOf(t, "sessions.gob")
	for _, dark := range []bool{false, true} {
		s := screen{1280, 900, dark}
		diff := open(t, pageOfDiff(t, r, r, report.HTMLOptions{}), "", s)
		scale := eval[[][]float64](diff, with(backgrounds, "#scale li"))
		require.Len(t, scale, 9)
		parts := eval[[][]float64](diff, with(backgrounds, "#parts i"))
		require.Len(t, parts, 5)
		for name, eye := range eyes {
			for i := range 4 {
				less, more := seen(eye, scale[i]), seen(eye, scale[8-i])
				require.Greater(t, distance(less, more), justSeen, "%s: step %d, dark %v", name, i, dark)
				require.Greater(t, distance(less, seen(eye, scale[i+1])), justSeen, "%s: steps %d %d, dark %v", name, i, i+1, dark)
				require.Greater(t, distance(more, seen(eye, scale[7-i])), justSeen, "%s: steps %d %d, dark %v", name, 8-i, 7-i, dark)
				require.Greater(t, distance(seen(eye, parts[i]), seen(eye, parts[i+1])), justSeen, "%s: parts %d, dark %v", name, i, dark)
			}
		}
	}
}
