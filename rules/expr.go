package rules

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// Limits of an expression: far beyond what a type needs, and small enough that hostile input
// costs nothing.
const (
	maxExprLength = 1024
	maxExprDepth  = 32
)

// exprs holds every expression in use by its normal form, so that equal expressions are one
// *Expr and can be compared and looked up by pointer. They are immutable.
var exprs sync.Map // string → *Expr

// Parse reads a rule expression, the language of the struct tag:
//
//	expr = "_" | "-" | name [ "=" N ] [ "<" expr { "," expr } ">" ]
//
// for example "vector<shared_ptr>" or "map<_, prevector=36>". It mirrors the C++ type: "_" is the
// model's default, "-" a field that does not exist, N a decimal number. A map's parameters are
// its key and value, or its value alone. Parse("_") is a rule that stands for the default.
func Parse(expr string) (Rule, error) {
	e, err := ParseExpr(expr)
	if err != nil {
		return nil, err
	}
	if e.Rule == nil {
		return &builtin{form: formDefault, expr: e}, nil
	}
	return e.Rule, nil
}

// ParseExpr reads a rule expression as Parse does. Equal expressions, whatever their spelling,
// give the same *Expr. The error says where the expression stops making sense.
func ParseExpr(expr string) (*Expr, error) {
	if len(expr) > maxExprLength {
		return nil, fmt.Errorf("rules: expression of %d bytes: at most %d are read",
			len(expr), maxExprLength)
	}
	p := exprParser{text: expr}
	e, err := p.expr(0)
	if err == nil && p.next() != 0 {
		err = p.errorf("expected the end")
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// String is the normal form of the expression: no spaces, no parameters that say nothing.
func (e *Expr) String() string {
	if e == nil || e.Rule == nil {
		return "_"
	}
	r, ok := e.Rule.(*builtin)
	if !ok {
		return e.Rule.String()
	}
	return spell(r.form, r.arg, e.Params)
}

// spell writes an expression.
func spell(f form, arg uint64, params []*Expr) string {
	var b strings.Builder
	b.WriteString(forms[f].name)
	if forms[f].arg != "" {
		b.WriteString("=" + strconv.FormatUint(arg, 10))
	}
	for i, p := range params {
		b.WriteByte("<,"[min(i, 1)])
		b.WriteString(p.String())
	}
	if len(params) > 0 {
		b.WriteByte('>')
	}
	return b.String()
}

// canonical is the one *Expr of a form with these parameters.
func canonical(f form, arg uint64, params []*Expr) *Expr {
	params = trimmed(params)
	key := spell(f, arg, params)
	if e, ok := exprs.Load(key); ok {
		return e.(*Expr)
	}
	e := &Expr{Params: params}
	if f != formDefault {
		e.Rule = &builtin{form: f, arg: arg, expr: e}
	}
	first, _ := exprs.LoadOrStore(key, e)
	return first.(*Expr)
}

// Holding is the expression of containers of type t that are themselves as e says, nil for the
// default, and whose keys and elements are as the others say, nil where these say nothing.
func (e *Expr) Holding(t Type, key, elem *Expr) *Expr {
	switch {
	case key == nil && elem == nil, e.form() == formSkip: // what "-" holds does not exist either
		return e
	case t.Kind() == reflect.Array: // arrays are transparent
		return elem
	case e.form() == formDefault:
		e = &Expr{Rule: defaultRules[defaultFormOf(t)]}
	}
	params := []*Expr{orDefault(elem)}
	if t.Kind() == reflect.Map {
		params = []*Expr{orDefault(key), orDefault(elem)}
		if e.form().isSet() {
			params = params[:1]
		}
	}
	return canonical(e.form(), argOf(e.Rule), params)
}

// orDefault is e, or the expression of the default.
func orDefault(e *Expr) *Expr {
	if e == nil {
		return canonical(formDefault, 0, nil)
	}
	return e
}

// argOf is the number that an expression gives a rule.
func argOf(r Rule) uint64 {
	if b, ok := r.(*builtin); ok {
		return b.arg
	}
	return 0
}

// trimmed drops parameters that say no more than the default: map<_,X> is map<X>.
func trimmed(params []*Expr) []*Expr {
	said := func(e *Expr) bool { return e.Rule != nil }
	switch {
	case len(params) == 1 && !said(params[0]),
		len(params) == 2 && !said(params[0]) && !said(params[1]):
		return nil
	case len(params) == 2 && !said(params[0]):
		return params[1:]
	}
	return params
}

// element is what the expression says of elements, pointees and a map's values; nil for the
// default.
func (e *Expr) element() *Expr {
	if e == nil || len(e.Params) == 0 {
		return nil
	}
	return e.Params[len(e.Params)-1]
}

// key is what the expression says of a map's keys; nil for the default.
func (e *Expr) key() *Expr {
	if e == nil || len(e.Params) == 0 {
		return nil
	}
	if len(e.Params) == 2 || e.form().isSet() {
		return e.Params[0]
	}
	return nil
}

// form is the built-in form of the expression; formDefault for "_" and formCount for a rule of
// someone's own.
func (e *Expr) form() form {
	if e == nil || e.Rule == nil {
		return formDefault
	}
	return formOf(e.Rule)
}

func formOf(r Rule) form {
	if r == nil {
		return formDefault
	}
	if b, ok := r.(*builtin); ok {
		return b.form
	}
	return formCount
}

func (f form) isSet() bool { return f == formSet || f == formUnorderedSet }

// exprParser reads one expression, byte by byte.
type exprParser struct {
	text string
	at   int
}

// next is the next byte that is no space, without reading it; 0 at the end.
func (p *exprParser) next() byte {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// accept reads the next byte if it is b.
func (p *exprParser) accept(b byte) bool {
	if p.next() != b {
		return false
	}
	p.at++
	return true
}

func (p *exprParser) errorf(format string, args ...any) error {
	return fmt.Errorf("rules: %s at byte %d of expression %q",
		fmt.Sprintf(format, args...), p.at, p.text)
}

// run reads the longest run of bytes that ok accepts.
func (p *exprParser) run(ok func(byte) bool) string {
	p.next()
	start := p.at
	for p.at < len(p.text) && ok(p.text[p.at]) {
		p.at++
	}
	return p.text[start:p.at]
}

func isNameByte(b byte) bool  { return b >= 'a' && b <= 'z' || b == '_' || b == '-' }
func isDigitByte(b byte) bool { return b >= '0' && b <= '9' }

func (p *exprParser) expr(depth int) (*Expr, error) {
	if depth == maxExprDepth {
		return nil, p.errorf("more than %d levels", maxExprDepth)
	}
	name := p.run(isNameByte)
	f, ok := formNamed(name)
	switch {
	case name == "":
		return nil, p.errorf("expected a rule (there are %s)", formNames())
	case !ok:
		p.at -= len(name)
		return nil, p.errorf("unknown rule %q (there are %s)", name, formNames())
	}
	arg, err := p.arg(f)
	if err != nil {
		return nil, err
	}
	params, err := p.params(f, depth)
	if err != nil {
		return nil, err
	}
	return canonical(f, arg, params), nil
}

// arg reads the number that some names need and the others must not have.
func (p *exprParser) arg(f form) (uint64, error) {
	if !p.accept('=') {
		if forms[f].arg != "" {
			return 0, p.errorf("%s needs a number (%s), as in %s=36: expected '='",
				forms[f].name, forms[f].arg, forms[f].name)
		}
		return 0, nil
	}
	if forms[f].arg == "" {
		return 0, p.errorf("%s takes no number", forms[f].name)
	}
	n, err := strconv.ParseUint(p.run(isDigitByte), 10, 64)
	if err != nil || n == 0 {
		return 0, p.errorf("%s: expected %s, a number from 1 to 2^64-1",
			forms[f].name, forms[f].arg)
	}
	return n, nil
}

// params reads what an expression says of the types below it.
func (p *exprParser) params(f form, depth int) ([]*Expr, error) {
	if !p.accept('<') {
		return nil, nil
	}
	var params []*Expr
	for {
		if len(params) == forms[f].params {
			return nil, p.errorf("%s takes %s", forms[f].name,
				[...]string{"no parameters", "one parameter", "one parameter or two"}[len(params)])
		}
		e, err := p.expr(depth + 1)
		if err != nil {
			return nil, err
		}
		params = append(params, e)
		if p.accept('>') {
			return params, nil
		}
		if !p.accept(',') {
			return nil, p.errorf("expected ',' or '>'")
		}
	}
}

func formNamed(name string) (form, bool) {
	for f, facts := range forms {
		if facts.name == name {
			return form(f), true
		}
	}
	return 0, false
}

// formNames lists the names of the rule language for messages.
func formNames() string {
	names := make([]string, len(forms))
	for f, facts := range forms {
		names[f] = facts.name
	}
	return strings.Join(names, " ")
}
