package trace

import (
	"reflect"
	"strconv"
	"unicode/utf8"
)

// maxKey is how many bytes of a key are shown.
const maxKey = 64

// Key is a map's key as a Go literal, bounded and escaped; whole tells that it is a literal of all of
// it, else "[key]" is to stand for it in an expression.
func Key(v reflect.Value) (text string, whole bool) {
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		if len(s) <= maxKey {
			return strconv.Quote(s), true
		}
		cut := maxKey
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		return strconv.Quote(s[:cut]) + "…", false
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(v.Uint(), 10), true
	case reflect.Interface:
		return dynamicKey(v)
	case reflect.Array:
		return arrayKey(v)
	}
	return "[" + v.Type().String() + "]", false
}

// dynamicKey is a key in an interface: a literal takes the type that Go gives it, others are converted.
func dynamicKey(v reflect.Value) (text string, whole bool) {
	if v.IsNil() {
		return "nil", true
	}
	text, whole = Key(v.Elem())
	switch t := v.Elem().Type(); t {
	case reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[bool]():
	default:
		if t.Kind() != reflect.Array {
			text = t.String() + "(" + text + ")"
		}
	}
	return text, whole
}

// arrayKey is an array of bytes as hexadecimal digits in a literal, another array as its type.
func arrayKey(v reflect.Value) (text string, whole bool) {
	t := v.Type()
	if t.Elem().Kind() != reflect.Uint8 || t.Len() > maxKey {
		return "[" + t.String() + "]", false
	}
	text = t.String() + "{"
	for i := range t.Len() {
		if i > 0 {
			text += ", "
		}
		text += "0x" + strconv.FormatUint(v.Index(i).Uint(), 16)
	}
	return text + "}", true
}
