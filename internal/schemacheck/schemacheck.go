// Package schemacheck holds JSON to a JSON Schema of this project, in tests: what is written must
// be valid, and every field of it described. The schemas themselves allow fields that they do not
// know, for later versions may add some.
package schemacheck

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Schema is a compiled schema.
type Schema struct {
	schema    *jsonschema.Schema
	described map[string]bool // names of all properties, wherever in the schema
}

// Load compiles the schema in a file.
func Load(path string) (*Schema, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(path, document); err != nil {
		return nil, err
	}
	s := &Schema{described: make(map[string]bool)}
	s.collect(document)
	s.schema, err = c.Compile(path)
	return s, err
}

// collect notes the names of properties.
func (s *Schema) collect(node any) {
	switch node := node.(type) {
	case []any:
		for _, x := range node {
			s.collect(x)
		}
	case map[string]any:
		if properties, ok := node["properties"].(map[string]any); ok {
			for name := range properties {
				s.described[name] = true
			}
		}
		for _, x := range node {
			s.collect(x)
		}
	}
}

// Check returns an error unless text is valid and has no field that is not described.
func (s *Schema) Check(text []byte) error {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	if err := s.schema.Validate(document); err != nil {
		return err
	}
	return s.known(document)
}

// known finds fields that no property describes.
func (s *Schema) known(node any) error {
	switch node := node.(type) {
	case []any:
		for _, x := range node {
			if err := s.known(x); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, x := range node {
			if !s.described[name] {
				return fmt.Errorf("the schema does not describe %q", name)
			}
			if err := s.known(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckWithout returns an error unless the schema refuses text, an object, without each of the
// fields: one that accepts everything proves nothing.
func (s *Schema) CheckWithout(text []byte, fields ...string) error {
	for _, name := range fields {
		var object map[string]any
		if err := json.Unmarshal(text, &object); err != nil {
			return err
		}
		if _, ok := object[name]; !ok {
			return fmt.Errorf("there is no %q to leave out", name)
		}
		delete(object, name)
		without, err := json.Marshal(object)
		if err != nil {
			return err
		}
		if s.Check(without) == nil {
			return fmt.Errorf("the schema accepts it without %q", name)
		}
	}
	return nil
}
