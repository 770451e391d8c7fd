package spelling

import (
	"reflect"
	"strings"
)

// Type is a type as people write it, and as a gob's types are shown: reflect still says interface {} for
// any. A struct's tag that holds these words is shown with any as well.
func Type(t reflect.Type) string { return strings.ReplaceAll(t.String(), "interface {}", "any") }
