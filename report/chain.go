package report

// Chain is one way in which a value is held: references from a root to it, one after another.
type Chain struct {
	Root  string `json:"root"` // its name
	Expr  string `json:"expr"` // a Go expression where Go has one: see String
	Steps []Step `json:"steps"`
}

// Step is one reference of a chain.
type Step struct {
	// Text is what the step adds to the expression, as ".Log[17]".
	Text string `json:"text"`
	Type string `json:"type"` // of the reference
	// Only tells that all chains from the roots lead through what this reference leads to: without it
	// the value would be freed.
	Only bool `json:"only,omitempty"`
	// Retained is what would be freed without what the reference leads to, in bytes.
	Retained uint64 `json:"retained,omitempty"`
}

// String is the chain as a Go expression, from the name of its root on, which has the value that was
// asked for. Where Go has no expression a step is written "[key]" for the key of a map that is not
// a literal, ".(func)" and ".(chan)" for what these hold, and ".(untyped)+24" for the word 24 bytes into
// a block that no type describes.
func (c Chain) String() string { return c.Expr }
