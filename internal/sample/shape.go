package sample

import (
	"container/list"
	"math"
	"reflect"
	"strings"
	"sync"

	"github.com/bitcoin-mem/memsize/internal/block"
	"github.com/bitcoin-mem/memsize/internal/swiss"
	"github.com/bitcoin-mem/memsize/rules"
	"github.com/bitcoin-mem/memsize/walker"
)

// kind is what an op finds at its offset.
type kind uint8

const (
	kindPointer kind = iota
	kindSlice
	kindString
	kindMap
	kindInterface
	kindArray // inline, of more than one element
	kindOther // what a sample does not follow: channels, closures, lists, unsafe pointers
)

// op is one word of a value that leads somewhere.
type op struct {
	kind   kind
	offset uintptr
	typ    reflect.Type
	place  walker.Place
	follow walker.Follow
	pricer *rules.Pricer
	elem   *shape // what lies behind; nil for a string
	key    *shape // of a map whose keys are followed
	layout *swiss.Type
	zero   uint64 // what nil costs
	queue  bool   // kindOther: a channel, which has a price
}

// shape is a type at a place, compiled: the ops of a value. It is immutable once shapes has it.
type shape struct {
	typ      reflect.Type
	size     uintptr
	pointers bool
	ops      []op
	most     float64 // bytes below a value at most, by its type; infinite where it does not say
	blocks   float64 // how many blocks these are at most
	headers  bool    // all ops are priced by what lies in the value itself
}

// leaf tells that nothing lies below.
func (s *shape) leaf() bool { return s == nil || len(s.ops) == 0 }

// Shapes compiles types for one model and keeps them. It is safe for concurrent use.
type Shapes struct {
	policy walker.Policy
	model  *rules.Model
	mu     sync.Mutex
	known  map[shapeKey]*shape
	boxes  map[boxKey]*box
}

type shapeKey struct {
	typ   reflect.Type
	place walker.Place
}

// NewShapes is for a model and its policy.
func NewShapes(policy walker.Policy, model *rules.Model) *Shapes {
	return &Shapes{policy: policy, model: model, known: map[shapeKey]*shape{}, boxes: map[boxKey]*box{}}
}

// root is the shape of a root.
func (s *Shapes) root(t reflect.Type) *shape {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of(t, s.policy.Root(t))
}

// of compiles a type at a place, and all below it. A type that leads back to itself is unbounded, as
// the zero bounds of one that is not done yet must not be believed.
func (s *Shapes) of(t reflect.Type, place walker.Place) *shape {
	key := shapeKey{t, place}
	if known := s.known[key]; known != nil {
		return known
	}
	made := &shape{typ: t, size: t.Size(), pointers: block.HasPointers(t), most: math.Inf(1),
		blocks: math.Inf(1)}
	s.known[key] = made
	c := compiler{shapes: s, shape: made}
	c.value(t, place, 0)
	most, blocks, headers := 0.0, 0.0, true
	for i := range made.ops {
		o := &made.ops[i]
		m, b := o.bounds()
		most, blocks, headers = most+m, blocks+b, headers && o.inHeader()
	}
	made.most, made.blocks, made.headers = most, blocks, headers
	return made
}

// bounds is how many bytes, and in how many blocks, lie behind an op at most.
func (o *op) bounds() (bytes, blocks float64) {
	unbounded := math.Inf(1)
	switch o.kind {
	case kindPointer:
		return float64(max(o.pricer.Total(1, 1), o.zero)) + o.elem.most, 1 + o.elem.blocks
	case kindArray:
		n := float64(o.typ.Len())
		return n * o.elem.most, n * o.elem.blocks
	case kindString:
		return unbounded, 1
	case kindSlice:
		if o.elem.leaf() {
			return unbounded, 1
		}
	}
	return unbounded, unbounded
}

// inHeader tells whether the price of all behind an op is known from its header.
func (o *op) inHeader() bool {
	switch o.kind {
	case kindString:
		return true
	case kindPointer, kindSlice:
		return o.elem.leaf()
	}
	return false
}

// compiler appends the ops of a value to a shape.
type compiler struct {
	shapes *Shapes
	shape  *shape
}

func (c *compiler) value(t reflect.Type, place walker.Place, offset uintptr) {
	policy := c.shapes.policy
	f := policy.Follow(place)
	if f.Skip || f.Opaque != "" {
		return
	}
	o := op{offset: offset, typ: t, place: place, follow: f}
	switch t.Kind() {
	case reflect.Struct:
		c.structure(t, o)
		return
	case reflect.Array:
		c.array(t, o)
		return
	case reflect.Pointer:
		o.kind, o.elem = kindPointer, c.shapes.of(t.Elem(), policy.Elem(place))
	case reflect.Slice:
		o.kind, o.elem = kindSlice, c.shapes.of(t.Elem(), policy.Elem(place))
	case reflect.String:
		o.kind = kindString
	case reflect.Map:
		o.kind, o.elem = kindMap, c.shapes.of(t.Elem(), policy.Elem(place))
		if f.Keys {
			o.key = c.shapes.of(t.Key(), policy.Key(place))
		}
		o.layout, _ = swiss.Layout(t)
	case reflect.Interface:
		o.kind = kindInterface
	case reflect.Chan:
		o.kind, o.queue = kindOther, true
	case reflect.Func, reflect.UnsafePointer:
		o.kind = kindOther
	default:
		return
	}
	c.emit(o)
}

func (c *compiler) emit(o op) {
	if o.kind != kindArray {
		o.pricer = c.shapes.model.NewPricer(o.place.(rules.Binding))
		if o.follow.NilCosts {
			o.zero = o.pricer.Total(0, 0)
		}
	}
	c.shape.ops = append(c.shape.ops, o)
}

var listType = reflect.TypeFor[list.List]()

func (c *compiler) structure(t reflect.Type, o op) {
	policy := c.shapes.policy
	if t == listType && o.follow.List {
		o.kind = kindOther
		c.emit(o)
		return
	}
	if t.PkgPath() == "sync/atomic" && strings.HasPrefix(t.Name(), "Pointer[") {
		if word, ok := t.FieldByName("v"); ok && t.Field(0).Type.Kind() == reflect.Array {
			o.kind, o.elem = kindPointer, c.shapes.of(t.Field(0).Type.Elem().Elem(), policy.Elem(o.place))
			o.offset += word.Offset
			c.emit(o)
			return
		}
	}
	for i := range t.NumField() {
		f := t.Field(i)
		c.value(f.Type, policy.Field(o.place, i), o.offset+f.Offset)
	}
}

func (c *compiler) array(t reflect.Type, o op) {
	if t.Len() == 0 {
		return
	}
	place := c.shapes.policy.Elem(o.place)
	if t.Len() == 1 {
		c.value(t.Elem(), place, o.offset)
		return
	}
	if o.elem = c.shapes.of(t.Elem(), place); !o.elem.leaf() {
		o.kind = kindArray
		c.emit(o)
	}
}

// box is what an interface with a value of some type stands for: a pointer to it.
type box struct {
	pricer  *rules.Pricer
	elem    *shape
	follow  walker.Follow
	pointer bool // the value is a pointer, which the interface then is
	direct  bool // the value lies in the interface itself
}

type boxKey struct {
	place walker.Place
	typ   reflect.Type
}

// box finds what an interface at a place stands for.
func (s *Shapes) box(place walker.Place, t reflect.Type) *box {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := boxKey{place, t}
	if known := s.boxes[key]; known != nil {
		return known
	}
	at := s.policy.Dynamic(place, t)
	b := &box{follow: s.policy.Follow(at), pricer: s.model.NewPricer(at.(rules.Binding)),
		pointer: t.Kind() == reflect.Pointer}
	b.direct = !b.pointer && t.Size() == wordSize && block.HasPointers(t)
	pointee := t
	if b.pointer {
		pointee = t.Elem()
	}
	if !b.follow.Skip && b.follow.Opaque == "" {
		b.elem = s.of(pointee, s.policy.Elem(at))
	}
	s.boxes[key] = b
	return b
}
