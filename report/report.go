package report

import (
	"encoding/json"

	"github.com/bitcoin-mem/memsize/rules"
)

// Schema names the JSON form of a Report.
const Schema = "memsize/1"

// Report is the account of a value: what it holds, under one or several models. All figures are
// bytes beyond the value itself, unless their name says otherwise. Totals, parts and types do not
// depend on the order in which a walk met references; the tree may, where memory is shared: it
// belongs to the path that led there first.
type Report struct {
	Schema string      `json:"schema"`
	Model  string      `json:"model"` // of Total, Parts, Types and Tree: the first model
	Total  uint64      `json:"total"`
	Parts  rules.Parts `json:"parts"`
	// Models has the figures of every model asked for, the first first.
	Models []ModelFigures `json:"models"`
	// Types has the containers by type, the largest total first.
	Types []TypeFigures `json:"types"`
	// Tree has the containers by path. Its root is the value itself.
	Tree *Node `json:"tree"`
	// Unaccounted lists what was seen and could not be priced: counted, never silently 0.
	Unaccounted []Unaccounted `json:"unaccounted,omitempty"`
	// Static is what lies in static memory (globals, literals), under models that tell it apart.
	Static uint64 `json:"static,omitempty"`
	// Pinned is what is kept alive and cannot be reached, under models that know.
	Pinned uint64 `json:"pinned,omitempty"`
	// Program is the part of Total that is reached only through types that lead to the program
	// rather than to the value (package rules has their table), under the model go.
	Program uint64 `json:"program,omitempty"`
	// Coverage is how much of the live heap the report explains, under the model go; nil elsewhere.
	Coverage *Coverage `json:"coverage,omitempty"`
	// Dominators has all blocks by what they die with, where retained sizes were asked for: a tree, parents
	// first, whose own figures sum to Total.
	Dominators []Dominator `json:"dominators,omitempty"`
	// Waste is what could be saved, where that was asked for: the largest saving first.
	Waste []Saving `json:"waste,omitempty"`
	// Roots has the values of a scan of several, by name; Shared is what two or more of them lead
	// to, once. Together with what each alone leads to it is Total.
	Roots  []RootFigures `json:"roots,omitempty"`
	Shared uint64        `json:"shared,omitempty"`
	// Truncated tells that the walk was stopped: the figures are those of a part of the value.
	Truncated bool `json:"truncated,omitempty"`
	// Reason is why the walk was stopped.
	Reason string `json:"reason,omitempty"`
	// Exactness says what the figures are: "exact" under the model's own oracle, "modelled"
	// where a rule stands for what could not be measured. In a modelled account of a Go heap, nodes
	// and types say by their Causes which of them may be off; those without any are exact by their
	// type, length and capacity.
	Exactness string `json:"exactness"`
	// Assumptions lists what had to be assumed about types that were not known.
	Assumptions []string `json:"assumptions,omitempty"`
	// Detail is not empty where lists were cut: see WithDetail.
	Detail string `json:"detail,omitempty"`
	// Unbounded lists the places of a snapshot whose types nothing is known of: Bounds have no
	// Max because of them.
	Unbounded []Unbounded `json:"unbounded,omitempty"`
}

// RootFigures is what one of several values holds, under the first model.
type RootFigures struct {
	Name string `json:"name"`
	// Total is what it holds when it is scanned alone.
	Total uint64 `json:"total"`
	// Only is the part of Total that no other of the values holds as well: by how much the total
	// of all of them falls when this one is dropped.
	Only uint64 `json:"only"`
}

// ModelFigures are the figures of one model. The parts sum to Total.
type ModelFigures struct {
	Name  string `json:"name"`
	Total uint64 `json:"total"`
	rules.Parts
	Blocks uint64 `json:"blocks"` // containers that own memory
	// Exactness is as in Report, where the models of a report may differ: those of a Go heap.
	Exactness string `json:"exactness,omitempty"`
	// Bounds are those of Total, with pointers anywhere that no nil and no name rules out; Shown
	// are those with no pointers but the ones that the snapshot shows. Nil where types are known.
	Bounds *Bounds `json:"bounds,omitempty"`
	Shown  *Bounds `json:"bounds_as_shown,omitempty"`
}

// TypeFigures are the containers of one type.
type TypeFigures struct {
	Type  string      `json:"type"`
	Count uint64      `json:"count"` // containers
	Total uint64      `json:"total"` // what they own themselves
	Parts rules.Parts `json:"parts"`
	// Retained is what would be freed if no reference to containers of the type were left, in
	// bytes, where that was asked for. Unless RetainedExact it is at least that.
	Retained      uint64 `json:"retained,omitempty"`
	RetainedExact bool   `json:"retained_exact,omitempty"`
	// Causes is as in Node: those of all containers of the type.
	Causes rules.Causes `json:"causes,omitempty"`
}

// Node is a place in the tree of paths.
type Node struct {
	// Step is the path from the parent's node, as a Go expression: "[]" are elements, "[key]"
	// the keys of a map, ".(T)" the dynamic type of an interface.
	Step string `json:"step"`
	Path string `json:"path"` // from the root
	Type string `json:"type"`
	Rule string `json:"rule,omitempty"` // the container formula, where it is not the kind's own
	// Recursive tells that the path leads back here: what lies below counts here as well.
	Recursive bool   `json:"recursive,omitempty"`
	Count     uint64 `json:"count"` // containers
	Min       uint64 `json:"min"`   // what the smallest container owns itself
	Max       uint64 `json:"max"`   // what the largest owns itself
	// Blocks is how many of the containers own memory.
	Blocks uint64 `json:"blocks,omitempty"`
	// Block is what each element's own block takes (a node, a pointee's block), nil where
	// elements share one. All that is Used here lies in such blocks, but for memory that
	// overlapped with another place's and was settled here.
	Block *rules.Parts `json:"block,omitempty"`
	// Own is what the containers here own themselves; Total includes all that is below.
	Own uint64 `json:"own"`
	// Pinned is the part of Own that is kept alive and cannot be reached through this value: the
	// rest of a block of which these containers lead into a part. Under models that know.
	Pinned uint64      `json:"pinned,omitempty"`
	Total  uint64      `json:"total"`
	Parts  rules.Parts `json:"parts"` // of Own
	// Retained is what would be freed if the references at this place were gone, in bytes, where
	// that was asked for. Unless RetainedExact it is at least that.
	Retained      uint64 `json:"retained,omitempty"`
	RetainedExact bool   `json:"retained_exact,omitempty"`
	// SharedBy are other places that lead to the same blocks, where this one holds much and retains
	// little: those with the most references first, a few.
	SharedBy []Sharer `json:"shared_by,omitempty"`
	// Causes is why Own may differ from what a Go heap really takes (see rules.Causes), where it is
	// worked out by formula; none where it is exact.
	Causes rules.Causes `json:"causes,omitempty"`
	// Bounds are those of Total, as those of the first model.
	Bounds *Bounds `json:"bounds,omitempty"`
	// Models is Own under each model of the report, in their order; nil for one model.
	Models   []uint64 `json:"models,omitempty"`
	Biggest  []Entry  `json:"biggest,omitempty"`
	Children []*Node  `json:"children,omitempty"`
}

// Average is what a container at the node owns itself, on average.
func (n *Node) Average() uint64 {
	if n.Count == 0 {
		return 0
	}
	return n.Own / n.Count
}

// Entry is one of the biggest entries of a container.
type Entry struct {
	Key   string `json:"key"`   // key or index, escaped
	Bytes uint64 `json:"bytes"` // on the wire of a snapshot; 0 of a live value
	// Retained is what a live entry retains, in bytes; Path is the Go expression that leads to it.
	Retained uint64 `json:"retained,omitempty"`
	Path     string `json:"path,omitempty"`
}

// Unaccounted is a place where values could not be priced.
type Unaccounted struct {
	Path   string `json:"path"`
	Type   string `json:"type"`
	Reason string `json:"reason"`
	Count  uint64 `json:"count"` // values
	// Bytes is how much memory these are, each byte once, where that is known: of slices and strings.
	Bytes uint64 `json:"bytes,omitempty"`
}

// JSON is the report as indented JSON of the schema in Schema.
func (r *Report) JSON() ([]byte, error) { return json.MarshalIndent(r, "", "  ") }
