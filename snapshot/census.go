package snapshot

import (
	"iter"
	"strings"
)

// Census is what one scan of a stream has counted. It knows no prices. It is not safe for
// concurrent modification; nothing in this package modifies it after Scan has returned it.
type Census struct {
	// Roots are the places of the values at the top of the stream, one per type, in the order
	// of their first value.
	Roots []*Site

	InputBytes  int64  // bytes read from the reader, compressed where the input is compressed
	Bytes       int64  // bytes of gob scanned: InputBytes after decompression
	Compression string // "gzip", "zstd", "zlib", or empty for none
	Messages    uint64 // gob messages, of type definitions and of values
	// LargestMessage is the bytes of the largest message: encoding/gob holds each whole.
	LargestMessage uint64
	// NextLargest is the bytes of the next largest message, 0 if there is one message only: while
	// encoding/gob reads a message, it still holds the one before.
	NextLargest uint64
	// LargestPayload is the bytes of the largest gob inside a value that encodes itself.
	LargestPayload uint64
	Deepest        Depth
	Values         uint64 // complete values at the top of the stream
	Encoders       uint64 // gob encoders that wrote the stream; more than one where files were appended
	Types          int    // distinct types that values have used

	Warnings    []Warning    // what a decoder would stumble over, in stream order
	Assumptions []Assumption // what the wire does not say, in site order
	Drift       []Drift      // where the stream and the Go types of Retype disagree

	// Layout says where the Go types come from; empty for the wire alone.
	Layout string
	// Manifest is what the writer noted of its types, as package manifest writes it; nil if the
	// stream has none. Only its length is checked.
	Manifest []byte

	// Incomplete tells that the scan stopped early; Err says why. The census then covers what
	// was read until there: the elements that came, and of a text the length, which comes first.
	Incomplete bool
	Err        *Error

	// What the above was made from, to save it and to merge it with others. Never modified.
	places []*place // the roots
	order  order
	// valueSites are the sites of values, behind their pointers, by their place.
	valueSites map[*place]*Site
	numbers    map[*Site]bigNumber // the words of a big.Int or big.Float, which its payload has
	word       uint64              // bytes of one
	biggest    int                 // entries that each container could keep
}

// Warning is something odd that did not stop the scan.
type Warning struct {
	Offset  int64  `json:"offset"`  // of the byte in the (decompressed) stream
	Message uint64 `json:"message"` // number of the message, from 1
	Text    string `json:"text"`
}

// Assumption names one thing that the wire leaves open and what was taken instead.
type Assumption struct {
	Path  string // Site.Path of the first site that it concerns
	Name  string // of that place in its owner: a field's name, or Site.Step; empty for all of a type
	Type  string // what it was taken for
	Why   string // why that is open, where it is not plain: "encodes itself"
	Taken string // what was assumed: "4..8 bytes, assumed 8"
}

// String is the assumption in a sentence: "Height uint: 4..8 bytes, assumed 8".
func (a Assumption) String() string {
	return strings.TrimSpace(a.Name+" "+strings.TrimSpace(a.Type+" "+a.Why)) + ": " + a.Taken
}

// Role says how a site hangs on its parent, and so where its type stands in the parent's type.
type Role uint8

const (
	Root    Role = iota // a value at the top of the stream; no parent
	Field               // a struct field: Parent.Type.Field(Site.Field)
	Elem                // elements of a slice or array, values of a map: Parent.Type.Elem()
	Key                 // keys of a map: Parent.Type.Key()
	Pointee             // what a pointer points to: Parent.Type.Elem(); its Step is empty
	Dynamic             // the dynamic type of an interface
	Payload             // what a value holds that its Go type does not show (Census.Retype)
)

// Site is one place in the tree of values and what was counted there. For a container, every
// value is in exactly one of Absent and Lengths: Count = Absent + the sum of Lengths' counts.
type Site struct {
	Parent *Site
	Role   Role
	Field  int    // index in Parent.Type, for the role Field
	Step   string // printable path element: ".Name", "[]", "[key]", ".(T)"; empty for Root and Pointee
	Type   *Type
	Doubt  Doubt // what the stream leaves open of Type

	// Count is the number of values at this place in all the stream, zero and nil ones included.
	Count uint64
	// Folded is how many of them lie deeper, at sites whose Fold is this one.
	Folded uint64
	// Absent is how many of them were not sent: nil pointers, interfaces and maps; nil or empty
	// slices and strings; zero numbers. A struct or array by value is never absent.
	Absent uint64
	// Lengths is the histogram of the values that were sent, in ascending order, for containers:
	// bytes of a string, elements of a slice, entries of a map, 1 for a pointer or an interface.
	// Empty for scalars, structs and arrays.
	Lengths []LengthCount
	// ExactLengths is false where there were too many distinct lengths to keep them all.
	ExactLengths bool

	Own  uint64 // bytes on the wire of these values themselves: numbers, counts, contents
	Wire uint64 // Own and all that is below

	// Width is the widest number seen, in bytes from 0 (below 128, in one byte with its marker)
	// to 8, for scalars: what the wire proves of an integer's or float's size.
	Width int

	Children []*Site
	// Fold is the ancestor that continues here because its type recurs; it counts what is
	// below. A site with Fold has Role, Step, Type and Count of its own, and no children.
	Fold *Site

	// Claimed is, of maps that the scan's end left open, how many entries they claim to have, in
	// ascending order: encoding/gob makes room for all of them before it reads the first. Lengths
	// has those that came.
	Claimed []LengthCount

	// fractions are how many bytes the numerators and the denominators have, where all payloads of
	// values that encode themselves look like those of a big.Rat; else nil.
	fractions *[2][]LengthCount

	// Biggest are the largest entries by wire bytes among all containers at this place,
	// descending; those of equal size in stream order.
	Biggest []Entry
}

// LengthCount says that Count containers had Len elements.
type LengthCount struct{ Len, Count uint64 }

// Entry is one entry of a map, or one element of a slice or array.
type Entry struct {
	Key    string `json:"key"`    // printable: a Go literal or hex for a map's key, the index of an element; bounded
	Bytes  uint64 `json:"bytes"`  // on the wire, of key and value
	Offset int64  `json:"offset"` // of its first byte in the (decompressed) stream
}

// Path is the place as a Go expression relative to its root: "Coins[].Script". It is empty for
// a root. Pointers are followed silently, as Go does for fields.
func (s *Site) Path() string {
	var steps []string
	for ; s != nil; s = s.Parent {
		steps = append(steps, s.Step)
	}
	var b strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		b.WriteString(steps[i])
	}
	return strings.TrimPrefix(b.String(), ".")
}

// Sites yields every site, parents before children, children in order.
func (c *Census) Sites() iter.Seq[*Site] {
	return func(yield func(*Site) bool) {
		// An explicit stack: a hostile schema can nest deeply.
		stack := reversed(nil, c.Roots)
		for len(stack) > 0 {
			s := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if !yield(s) {
				return
			}
			stack = reversed(stack, s.Children)
		}
	}
}

// reversed appends sites to stack so that the first is popped first.
func reversed(stack, sites []*Site) []*Site {
	for i := len(sites) - 1; i >= 0; i-- {
		stack = append(stack, sites[i])
	}
	return stack
}
