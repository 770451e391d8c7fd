package globals

import (
	"debug/dwarf"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"errors"
)

// opAddress is DW_OP_addr: the location of a variable is an address.
const opAddress = 0x03

// debugInfo is the debug information of an executable file.
func debugInfo(path string) (*dwarf.Data, error) {
	type file interface{ DWARF() (*dwarf.Data, error) }
	var errs []error
	for _, open := range []func() (file, error){
		func() (file, error) { return elf.Open(path) },
		func() (file, error) { return macho.Open(path) },
		func() (file, error) { return pe.Open(path) },
	} {
		f, err := open()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		data, err := f.DWARF()
		if c, ok := f.(interface{ Close() error }); ok {
			err = errors.Join(err, c.Close())
		}
		if err != nil || data == nil {
			return nil, ErrNoDebugInfo
		}
		return data, nil
	}
	return nil, errors.Join(errs...)
}

// read reads the variables and types of a program. What lies inside functions is skipped.
func read(data *dwarf.Data) (*table, error) {
	t := &table{data: data, types: map[dwarf.Offset]uint64{}}
	for r := data.Reader(); ; {
		e, err := r.Next()
		switch {
		case err != nil:
			return nil, err
		case e == nil && len(t.types) == 0:
			return nil, ErrNoDebugInfo
		case e == nil:
			return t, nil
		case e.Tag == dwarf.TagSubprogram:
			r.SkipChildren()
		case e.Tag == dwarf.TagVariable:
			t.addVariable(e, r.ByteOrder())
		}
		if at, ok := e.Val(runtimeType).(uint64); ok && at != 0 {
			t.types[e.Offset] = at
		}
	}
}

// addVariable adds a variable that lies at an address.
func (t *table) addVariable(e *dwarf.Entry, order binary.ByteOrder) {
	location, _ := e.Val(dwarf.AttrLocation).([]byte)
	name, _ := e.Val(dwarf.AttrName).(string)
	typ, ok := e.Val(dwarf.AttrType).(dwarf.Offset)
	if len(location) < 5 || location[0] != opAddress || name == "" || !ok {
		return
	}
	var address uint64
	switch len(location) {
	case 9:
		address = order.Uint64(location[1:])
	case 5:
		address = uint64(order.Uint32(location[1:]))
	default:
		return
	}
	t.variables = append(t.variables, variable{name, address, typ})
}
