package structures_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/internal/structures"
)

// TestTwinsAreAsLong: a twin has the elements and the capacity of its structure. Keys that were
// alike would make a map shorter.
func TestTwinsAreAsLong(t *testing.T) {
	list, err := structures.Read("../../testdata/malloc/containers.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, list)
	for _, s := range list {
		twin, err := s.Twin()
		require.NoError(t, err)
		v := reflect.ValueOf(twin).Field(0)
		if v.Kind() == reflect.Pointer {
			require.Equal(t, 1, s.Len, "%s", s)
			require.False(t, v.IsNil(), "%s", s)
			continue
		}
		require.Equal(t, s.Len, v.Len(), "%s", s)
		if v.Kind() == reflect.Slice {
			require.Equal(t, max(s.Cap, s.Len), v.Cap(), "%s", s)
		}
	}
}

func TestErrors(t *testing.T) {
	_, err := structures.Read(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)

	path := filepath.Join(t.TempDir(), "figures")
	require.NoError(t, os.WriteFile(path, []byte("{}\n{"), 0o600))
	_, err = structures.Read(path)
	require.ErrorContains(t, err, "figures:2:")

	for _, row := range []struct {
		why, wants string
		structure  structures.Structure
	}{
		{"an unknown container", `"deque"`, structures.Structure{Rule: "deque"}},
		{"an unknown element", `"u128"`, structures.Structure{Rule: "list", Elem: "u128"}},
		{"an unknown key", `"u128"`, structures.Structure{Rule: "map", Key: "u128", Val: "u8"}},
		{"an unknown value", `"u128"`, structures.Structure{Rule: "map", Key: "u8", Val: "u128"}},
		{"an unknown pointee", `"u128"`, structures.Structure{Rule: "unique_ptr", Elem: "u128"}},
	} {
		_, err := row.structure.Twin()
		require.ErrorContains(t, err, "no twin", row.why)
		require.ErrorContains(t, err, row.wants, row.why)
	}
}
