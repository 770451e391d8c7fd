package rules

import (
	"reflect"

	"github.com/bitcoin-mem/memsize/internal/spelling"
)

// checker walks the types below a Binding, each once.
type checker struct {
	model *Model
	seen  map[Binding]bool
	todo  []Binding

	spelling bool // tags that look like ours are errors too
}

// check visits every Binding below root, with a list instead of recursion: types made by
// reflect can be deep.
func (c *checker) check(root Binding) (err error) {
	defer asTagError(&err)
	c.add(root)
	for len(c.todo) > 0 {
		b := c.todo[len(c.todo)-1]
		c.todo = c.todo[:len(c.todo)-1]
		c.visit(b)
	}
	return nil
}

func (c *checker) add(b Binding) {
	if b.Type != nil && !c.seen[b] {
		c.seen[b] = true
		c.todo = append(c.todo, b)
	}
}

// visit binds what lies in b, which panics with a *TagError where something does not fit, and
// prices it, which finds types without a size.
func (c *checker) visit(b Binding) {
	m := c.model
	m.NewPricer(b)
	m.layoutOf(b)
	reach := m.Reach(b)
	if reach.Skip || reach.Opaque != "" {
		return
	}
	if b.Type.Kind() == reflect.Struct && m.defaultForm(b.Type) == formDefault {
		for i := range b.Type.NumField() {
			if c.spelling {
				checkSpelling(b.Type, i)
			}
			c.add(m.Field(b, i))
		}
		return
	}
	c.add(m.Key(b))
	c.add(m.Elem(b))
}

// checkSpelling panics with a *TagError if the tag of field i looks like ours and is not read.
func checkSpelling(owner Type, i int) {
	t, ok := reflected(owner)
	if !ok {
		return
	}
	f := t.Field(i)
	if _, read := f.Tag.Lookup(tagKey); read {
		return
	}
	if why := spelling.Tag(string(f.Tag), tagKey); why != "" {
		panic(&TagError{Type: t, Field: f.Name, Expr: string(f.Tag), Fit: why})
	}
}
