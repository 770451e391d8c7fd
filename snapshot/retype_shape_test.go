package snapshot

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// Types of maps whose keys are maps, and so on, are compared once each, however many ways lead there.
func TestSameShapeOfNestedMaps(t *testing.T) {
	nested := func(innermost reflect.Kind) *Type {
		m := &Type{kind: innermost}
		for range 64 {
			m = &Type{kind: reflect.Map, key: m, elem: m}
		}
		return m
	}
	require.True(t, sameShape(nested(reflect.Int8), nested(reflect.Int64)))
	require.False(t, sameShape(nested(reflect.Int8), nested(reflect.Uint8)))
}
