// Package tags has right and wrong tags.
package tags

import "container/list"

type hash [32]byte

type coin struct {
	Script []byte                 `memusage:"prevector=36"`
	Byte   []byte                 `json:"byte" memusage:"vector"`
	Names  map[string]struct{}    `memusage:"set"`
	Deep   []*coin                `memusage:"vector<shared_ptr>"`
	Map    map[hash][]byte        `memusage:"map<_, prevector=36>"`
	Order  list.List              `memusage:"list"`
	Up     *coin                  `memusage:"-"`
	Any    any                    `memusage:"shared_ptr"`
	Many   [4]map[string]struct{} `memusage:"set"` // arrays are transparent
	Plain  int                    `json:"plain"`
}

type wrong struct {
	Half    []byte            `memusage:"vector<"`              // want `memusage tag "vector<"`
	Unknown []byte            `memusage:"vektor"`               // want `memusage tag "vektor"`
	Kind    string            `memusage:"set"`                  // want `memusage tag "set" on string: set does not fit`
	Number  int               `memusage:"vector"`               // want `memusage tag "vector" on int`
	Below   map[string]int    `memusage:"map<_, prevector=36>"` // want `memusage tag .* on map\[string\]int`
	A, B    string            `json:"a" memusage:"unique_ptr"`  // want `memusage tag "unique_ptr" on string`
	coin    `memusage:"list"` // want `memusage tag "list" on coin`
	Inner   struct {
		X bool `memusage:"map"` // want `memusage tag "map" on bool`
	}
}

type alike struct {
	Typo   []byte `memusge:"vector"`            // want `tag key "memusge" is not read: did you mean memusage\?`
	Case   []byte `MemUsage:"vector"`           // want `tag key "MemUsage" is not read`
	Plural []byte `json:"x" memusages:"vector"` // want `tag key "memusages" is not read`
	Space  []byte `memusage: "vector"`          // want `memusage tag is not read`
	Bare   []byte `memusage`                    // want `memusage tag is not read`
	Naked  []byte `json:"x" memusage:vector`    // want `memusage tag is not read`
	Other  []byte `message:"x" usage:"y"`
}

type pair[T any] struct {
	Value T         `memusage:"vector"`
	List  []T       `memusage:"vector"`
	Bad   []T       `memusage:"vector<"`    // want `memusage tag "vector<"`
	Fixed []string  `memusage:"unique_ptr"` // want `memusage tag "unique_ptr" on \[\]string`
	Other []pair[T] `memusage:"vector"`
}
