package main

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The plot: one panel for each graph, side by side, with the same axes.
const (
	plotWidth  = 10 * vg.Inch
	plotHeight = 3.4 * vg.Inch
	leastTime  = 5 // ns
	mostTime   = 1000
	labelTime  = 800 // where the caches' names stand
)

// lineOf is how a contender is drawn. The colours are told apart by the colour-blind too.
var lineOf = []struct {
	by, label string
	colour    color.RGBA
	shape     draw.GlyphDrawer
}{
	{collector, "GC cycle", color.RGBA{0x6b, 0x6b, 0x6b, 0xff}, draw.SquareGlyph{}},
	{"go", "memsize, go", color.RGBA{0x00, 0x72, 0xb2, 0xff}, draw.CircleGlyph{}},
	{"core", "memsize, core", color.RGBA{0xd5, 0x5e, 0x00, 0xff}, draw.TriangleGlyph{}},
}

var faint = color.RGBA{0xd0, 0xd0, 0xd0, 0xff}

// plot draws how the CPU per object grows with a graph.
func (r *results) plot(file string) error {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plotter.DefaultFont = plot.DefaultFont
	var row []*plot.Plot
	for i, name := range growing {
		p, err := r.panel(name, i == 0)
		if err != nil {
			return err
		}
		row = append(row, p)
	}
	switch ext := filepath.Ext(file); ext {
	case ".svg":
		c := vgsvg.New(plotWidth, plotHeight)
		drawRow(row, draw.New(c))
		var b bytes.Buffer
		if _, err := c.WriteTo(&b); err != nil {
			return err
		}
		return os.WriteFile(file, withFonts(b.Bytes()), 0o644)
	case ".png":
		c := vgimg.PngCanvas{Canvas: vgimg.NewWith(
			vgimg.UseWH(plotWidth, plotHeight), vgimg.UseDPI(150))}
		drawRow(row, draw.New(c))
		var b bytes.Buffer
		if _, err := c.WriteTo(&b); err != nil {
			return err
		}
		return os.WriteFile(file, b.Bytes(), 0o644)
	default:
		return fmt.Errorf("%s: the plot is written as .svg or .png, not %q", file, ext)
	}
}

// withFonts names fonts of the same widths for those who have no Liberation.
func withFonts(svg []byte) []byte {
	return bytes.ReplaceAll(svg, []byte("font-family:Liberation Sans"),
		[]byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif"))
}

func drawRow(row []*plot.Plot, c draw.Canvas) {
	tiles := draw.Tiles{Rows: 1, Cols: len(row), PadX: vg.Points(14), PadTop: vg.Points(4),
		PadBottom: vg.Points(4), PadLeft: vg.Points(4), PadRight: vg.Points(8)}
	for i, p := range row {
		p.Draw(tiles.At(c, i, 0))
	}
}

// panel is the plot of one graph.
func (r *results) panel(name string, first bool) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = name + ": CPU ns per object" // a label of a logarithmic axis takes room above it
	p.Title.TextStyle.Font.Size = vg.Points(12)
	p.X.Label.Text = "objects"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(decades), plot.TickerFunc(times)
	if first {
		p.Legend.YOffs, p.Legend.XOffs = vg.Points(6), vg.Points(-4)
		p.Legend.TextStyle.Font.Size = vg.Points(10)
	}
	grid := plotter.NewGrid()
	grid.Vertical.Width, grid.Horizontal.Color = 0, faint
	p.Add(grid)
	if err := r.addCaches(p, name); err != nil {
		return nil, err
	}
	for _, l := range lineOf {
		points := r.points(name, l.by)
		if len(points) == 0 {
			return nil, fmt.Errorf("%s of %q was not measured at any size", l.by, name)
		}
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = l.colour, vg.Points(1.6)
		marks.Color, marks.Shape, marks.Radius = l.colour, l.shape, vg.Points(2.4)
		p.Add(line, marks)
		if first {
			p.Legend.Add(l.label, line, marks)
		}
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 1e3, 1e8, leastTime, mostTime
	return p, nil
}

// points are the medians of a contender, by the number of objects.
func (r *results) points(name, by string) (points plotter.XYs) {
	for _, s := range steps(math.MaxInt32) {
		if m, ok := r.get(name, grown(by, s.n), perObject); ok {
			points = append(points, plotter.XY{X: float64(s.n), Y: m.Center * 1e9})
		}
	}
	return points
}

// addCaches marks the sizes at which a graph no longer fits a cache of the machine.
func (r *results) addCaches(p *plot.Plot, name string) error {
	most := 0
	for _, s := range steps(math.MaxInt32) {
		if r.number(name, grown(collector, s.n), objects) > 0 {
			most = s.n
		}
	}
	each := r.number(name, grown(collector, most), heapBytes) / float64(max(most, 1))
	for _, cache := range strings.Fields(r.config[caches]) {
		level, size, _ := strings.Cut(cache, "=")
		bytes, err := strconv.ParseFloat(size, 64)
		if err != nil || each == 0 {
			continue
		}
		at := bytes / each
		line, err := plotter.NewLine(plotter.XYs{{X: at, Y: leastTime}, {X: at, Y: mostTime}})
		if err != nil {
			return err
		}
		line.Color, line.Width = color.Gray{0x90}, vg.Points(0.7)
		line.Dashes = []vg.Length{vg.Points(3), vg.Points(3)}
		labels, err := plotter.NewLabels(plotter.XYLabels{
			XYs: plotter.XYs{{X: at, Y: labelTime}}, Labels: []string{level}})
		if err != nil {
			return err
		}
		labels.TextStyle[0].Color = color.Gray{0x60}
		labels.TextStyle[0].XAlign, labels.TextStyle[0].YAlign = text.XRight, text.YCenter
		labels.Offset = vg.Point{X: vg.Points(-3)}
		p.Add(line, labels)
	}
	return nil
}

// decades are the ticks 10³, 10⁴ and so on.
func decades(least, most float64) (ticks []plot.Tick) {
	for e := int(math.Ceil(math.Log10(least))); math.Pow10(e) <= most; e++ {
		ticks = append(ticks, plot.Tick{Value: math.Pow10(e), Label: "10" + superscript(e)})
	}
	return ticks
}

func superscript(e int) string {
	return strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶",
		"7", "⁷", "8", "⁸", "9", "⁹").Replace(strconv.Itoa(e))
}

// times are the ticks 2, 5, 10, 20 and so on.
func times(least, most float64) (ticks []plot.Tick) {
	for unit := 1.0; unit <= most; unit *= 10 {
		for _, v := range []float64{unit, 2 * unit, 5 * unit} {
			if v >= least && v <= most {
				ticks = append(ticks, plot.Tick{Value: v, Label: count(v)})
			}
		}
	}
	return ticks
}
