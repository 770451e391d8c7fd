// Package structures has the containers that reference/containers.cpp built, as Go values: tests and
// tables compare what models say of them with what the heap gave.
//
// A Structure is a line of testdata/malloc/containers.jsonl, whose README says what its fields
// mean. Its twin is a Go struct with one field that has the container's rule for a tag. All
// figures are bytes, unless their name says otherwise.
package structures

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
)

// Structure is one container that stood in a C++ program, and what it took.
type Structure struct {
	Rule, How      string // the container, and how it was filled
	Elem, Key, Val string // types, as the README of the figures names them
	Len            int    // elements
	Cap            int    // capacity in elements, of a vector<bool> in bits; 0 where there is none
	Buckets        int    // bucket_count(); 0 where there is none
	Inner          int    // length of each string or vector inside
	Blocks         uint64 // live requests
	Requested      uint64 // the sum of the live requests in bytes
	// Heap is what each allocator really took for them, in bytes.
	Heap map[string]uint64
}

// Read reads a file of structures, one JSON object a line. An error names the line.
func Read(path string) ([]Structure, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var list []Structure
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var s Structure
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, len(list)+1, err)
		}
		list = append(list, s)
	}
	return list, lines.Err()
}

// String is the structure as a C++ type with its length, for people: "map<u32,u32> × 1000".
func (s Structure) String() string {
	name := s.Rule
	switch {
	case s.Key != "":
		name += "<" + s.typeText(s.Key) + ", " + s.typeText(s.Val) + ">"
	case s.Rule == "vector<shared_ptr>":
		name = "vector<shared_ptr<" + s.Elem + ">>"
	case s.Rule == "vector_bool":
		name = "vector<bool>"
	case s.Elem != "":
		name += "<" + s.typeText(s.Elem) + ">"
	}
	return name + " × " + strconv.Itoa(s.Len) + ", " + s.How
}

// typeText is a type of the figures, with the length of its values where they have one.
func (s Structure) typeText(name string) string {
	switch name {
	case "std_string":
		return "string " + strconv.Itoa(s.Inner)
	case "optional_string":
		return "optional<string " + strconv.Itoa(s.Inner) + ">"
	case "vector_u8":
		return "vector<u8> " + strconv.Itoa(s.Inner)
	}
	return name
}
