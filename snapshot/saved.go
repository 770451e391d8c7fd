package snapshot

// A saved census is JSON: not the sites that a Census shows but what they were made from, types
// as the wire has them and what was counted at each place. What a place proves of a type (that
// it is a pointer, how wide its numbers are) can so be judged anew when censuses are merged.

// savedForm names the JSON form of a census. Fields may be added within it; none is removed or
// changes its meaning.
const savedForm = "memsize-census/1"

// savedStream is what is known of the stream as a whole, and how its scan ended.
type savedStream struct {
	InputBytes  int64       `json:"input_bytes"`
	Bytes       int64       `json:"bytes"`
	Compression string      `json:"compression,omitempty"`
	Messages    uint64      `json:"messages"`
	Largest     uint64      `json:"largest_message,omitempty"` // bytes
	NextLargest uint64      `json:"next_largest_message,omitempty"`
	Payload     uint64      `json:"largest_payload,omitempty"`
	Deepest     Depth       `json:"deepest,omitzero"`
	Values      uint64      `json:"values"`
	Encoders    uint64      `json:"encoders"`
	Biggest     int         `json:"biggest"` // entries that each container could keep
	Manifest    string      `json:"manifest,omitempty"`
	Warnings    []Warning   `json:"warnings,omitempty"`
	Error       *savedError `json:"error,omitempty"`
}

type savedError struct {
	Offset  int64  `json:"offset"`
	Message uint64 `json:"message"`
	What    string `json:"what"`
	Advice  string `json:"advice,omitempty"`
	Cause   string `json:"cause"` // a key of causes
}

// savedType is a wire type. Types refer to each other by number, from 1; 0 is a type that the
// stream never defined.
type savedType struct {
	Kind   string       `json:"kind"` // a value of kindNames
	Name   string       `json:"name,omitempty"`
	Boxed  string       `json:"boxed,omitempty"` // wireType.boxed
	Opaque string       `json:"opaque,omitempty"`
	Len    int64        `json:"len,omitempty"`
	Key    int          `json:"key,omitempty"`
	Elem   int          `json:"elem,omitempty"`
	Fields []savedField `json:"fields,omitempty"`
}

type savedField struct {
	Name string `json:"name"`
	Type int    `json:"type,omitempty"`
}

// savedSite is a place. Sites are numbered from 1 and stand behind their parents.
type savedSite struct {
	Parent   int            `json:"parent,omitempty"` // 0 for a value at the top of the stream
	Part     int            `json:"part,omitempty"`   // field; 0 for elements, 1 for keys; else a number
	Type     int            `json:"type"`
	Name     string         `json:"name,omitempty"` // of a type in an interface, as it was registered
	Fold     bool           `json:"fold,omitempty"` // the type recurs: an ancestor counts the rest
	Count    uint64         `json:"count"`
	Nil      uint64         `json:"nil,omitempty"` // interfaces that hold nothing
	Own      uint64         `json:"own,omitempty"`
	Width    uint8          `json:"width,omitempty"`
	Lengths  [][2]uint64    `json:"lengths,omitempty"`  // length, count
	Groups   [][3]uint64    `json:"groups,omitempty"`   // number of the group, count, sum of lengths
	Open     [][2]uint64    `json:"open,omitempty"`     // fields begun, structs left open there
	Claimed  [][2]uint64    `json:"claimed,omitempty"`  // entries claimed, maps left open there
	Rejected bool           `json:"rejected,omitempty"` // payloads that are no gobs
	Payload  []int          `json:"payload,omitempty"`  // else the types of the values in each
	Fraction []savedLengths `json:"fraction,omitempty"` // of numerators and denominators
	Biggest  []Entry        `json:"biggest,omitempty"`
}

// savedLengths is a histogram.
type savedLengths struct {
	Lengths [][2]uint64 `json:"lengths,omitempty"`
	Groups  [][3]uint64 `json:"groups,omitempty"`
}

// kindNames are the kinds of wire types in a saved census.
var kindNames = map[wireKind]string{
	wireBool: "bool", wireInt: "int", wireUint: "uint", wireFloat: "float", wireBytes: "bytes",
	wireString: "string", wireComplex: "complex", wireInterface: "interface", wireArray: "array",
	wireSlice: "slice", wireStruct: "struct", wireMap: "map", wireOpaque: "opaque",
}

// kindsByName is kindNames the other way.
var kindsByName = func() map[string]wireKind {
	kinds := make(map[string]wireKind)
	for kind, name := range kindNames {
		kinds[name] = kind
	}
	return kinds
}()
