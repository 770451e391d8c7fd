// Package gosource makes a layout of Go source: of a type expression in the scope of a package,
// generics and struct tags included, through the go command.
package gosource

import (
	"context"
	"errors"
	"fmt"
	"go/build"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/bitcoin-mem/memsize/internal/gotype"
	"github.com/bitcoin-mem/memsize/internal/gotype/fromsource"
	"github.com/bitcoin-mem/memsize/snapshot/layout"
)

// Config says how source is loaded.
type Config struct {
	Dir  string // where relative packages are; empty for the current directory
	Arch string // GOARCH of the program that the types are of; empty for this one's
	// Trust lets the go command do all that it does for builds of one's own: download modules and
	// toolchains, run cgo and a packages driver. Without it the source may be anybody's.
	Trust bool
}

// ErrNoGo is wrapped by Load's error where there is no go command.
var ErrNoGo = errors.New("types from source need the go command, which is not on the PATH: " +
	"take the program itself (--binary ./prog), or make a layout where Go is installed " +
	"(memsize layout ./pkg.Type > layout.json) and use that (--layout layout.json)")

// CheckArch is an error where Go has no such architecture, a GOARCH.
func CheckArch(goarch string) error {
	if types.SizesFor("gc", goarch) == nil {
		return fmt.Errorf("no architecture %q: GOARCH values are amd64, 386, arm64, arm, …", goarch)
	}
	return nil
}

// Load is the layout of a type: "./pkg.Snapshot", "example.com/shop.Cache[string]", and with a
// colon after the package any type expression in its scope, "./pkg:map[string]*Coin". The name
// alone ("Snapshot", "map[string]int") is one of the package in the current directory.
//
// The error says what could not be loaded: the package, for whatever reason the go command
// gives, the expression, or a generic type without its arguments.
func Load(ctx context.Context, expr string, c Config) (*layout.Layout, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return nil, ErrNoGo
	}
	if c.Arch == "" {
		c.Arch = runtime.GOARCH
	}
	if err := CheckArch(c.Arch); err != nil {
		return nil, err
	}
	if len(expr) > maxExpr || nesting(expr) > maxNesting {
		return nil, fmt.Errorf("a type expression of %d bytes, with %d types in each other: at most %d and %d "+
			"are read; give the type a name in the source", len(expr), nesting(expr), maxExpr, maxNesting)
	}
	pattern, typ := split(expr)
	if strings.HasPrefix(expr, "main.") {
		return nil, fmt.Errorf("type %s: main is the name of a package and not its import path: write %s "+
			"in the directory of the program, or ./dir.%s", expr, typ, typ)
	}
	c.Dir, pattern = inDirectory(c.Dir, pattern)
	l := &loader{ctx: ctx, config: c, types: &fromsource.Types{}, loaded: map[string]*types.Package{}}
	pkg, err := l.load(pattern)
	if err != nil {
		return nil, fmt.Errorf("type %s: %w", expr, err)
	}
	root, err := eval(pkg, typ)
	if err != nil {
		return nil, fmt.Errorf("type %s: %w", expr, err)
	}
	node := l.types.Of(root)
	if l.types.Endless != "" {
		return nil, fmt.Errorf("type %s: %s", expr, l.types.Endless)
	}
	if l.types.Broken {
		return nil, fmt.Errorf("type %s: %w", expr, loadError(pkg, pattern))
	}
	made := &layout.Layout{
		Origin: "source " + expr, GOARCH: c.Arch, GoVersion: runtime.Version(),
		Type: node, Load: l.registered,
	}
	for _, t := range l.known(pkg.Types) {
		made.Known = append(made.Known, t)
	}
	return made, nil
}

// maxExpr is how long a type expression may be, in bytes, and maxNesting how many types may be in each
// other: what is made of a type takes the square of that, or more.
const maxExpr, maxNesting = 8192, 100

// nesting is at most how many types of an expression are in each other.
func nesting(expr string) int {
	return strings.Count(expr, "[") + strings.Count(expr, "*") + strings.Count(expr, "{") +
		strings.Count(expr, "(")
}

// inDirectory is where the go command runs for a pattern, and the pattern there: a directory may
// be of another module than the one that it is named from.
func inDirectory(dir, pattern string) (string, string) {
	if !build.IsLocalImport(pattern) && !filepath.IsAbs(pattern) {
		return dir, pattern
	}
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(dir, pattern)
	}
	if info, err := os.Stat(pattern); err != nil || !info.IsDir() {
		return dir, pattern
	}
	return pattern, "."
}

// split cuts an expression into a package pattern and a type expression in its scope.
func split(expr string) (pattern, typ string) {
	if pattern, typ, ok := strings.Cut(expr, ":"); ok {
		return pattern, typ
	}
	head := expr // without type arguments, which may have paths of their own
	if i := strings.IndexByte(expr, '['); i >= 0 {
		head = expr[:i]
	}
	slash := strings.LastIndexByte(head, '/')
	dot := strings.IndexByte(head[slash+1:], '.')
	if dot < 0 {
		return ".", expr
	}
	dot += slash + 1
	pattern = expr[:dot]
	if strings.HasSuffix(pattern, "/") {
		pattern += "." // "./.Snapshot"
	}
	if pattern == "" {
		pattern = "."
	}
	return pattern, expr[dot+1:]
}

// loader loads packages, and makes types of what they define.
type loader struct {
	ctx    context.Context
	config Config
	types  *fromsource.Types
	loaded map[string]*types.Package // by the path that a stream asked for; nil where there is none
}

// load loads one package from source and what it imports from what the compiler made of it, as
// it is for the architecture and without cgo, which other architectures do not have.
func (l *loader) load(pattern string) (*packages.Package, error) {
	mode := packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles |
		packages.NeedImports | packages.NeedTypes | packages.NeedSyntax |
		packages.NeedTypesInfo | packages.NeedTypesSizes | packages.NeedExportFile
	list, err := packages.Load(&packages.Config{
		Mode: mode, Context: l.ctx, Dir: l.config.Dir, Env: l.config.environment(),
	}, pattern)
	switch {
	case err != nil:
		return nil, err
	case len(list) == 0:
		return nil, fmt.Errorf("no Go package %q here: name its import path inside a module", pattern)
	case len(list) != 1:
		return nil, fmt.Errorf("%q is %d packages, want one", pattern, len(list))
	case instantiationCycle(list[0]) != nil:
		return nil, instantiationCycle(list[0])
	case list[0].Types == nil, len(list[0].Errors) > 0 && list[0].Types.Scope().Len() == 0:
		return nil, loadError(list[0], pattern)
	}
	return list[0], nil
}

// loadError is the first error of a package.
func loadError(p *packages.Package, pattern string) error {
	if len(p.Errors) == 0 {
		return fmt.Errorf("package %q cannot be loaded", pattern)
	}
	if text := p.Errors[0].Error(); strings.Contains(text, "GOPROXY=off") || strings.Contains(text, "GOTOOLCHAIN=local") {
		return fmt.Errorf("package %q: %s (nothing is downloaded for source that may be anybody's: run go "+
			"mod download there first, or trust it with --trust-source)", pattern, text)
	}
	return fmt.Errorf("package %q: %s", pattern, p.Errors[0].Error())
}

// instantiationCycle is the error of a package with a generic type that leads to ever larger instances
// of itself, which no compiler takes; nil for others.
func instantiationCycle(p *packages.Package) error {
	for _, e := range p.Errors {
		if strings.Contains(e.Msg, "instantiation cycle") {
			return fmt.Errorf("package %q: %s", p.PkgPath, e.Error())
		}
	}
	return nil
}

// eval is the type that an expression stands for in the scope of a package, or in that of one of
// its files, which knows what the file imports.
func eval(p *packages.Package, expr string) (types.Type, error) {
	v, err := types.Eval(p.Fset, p.Types, token.NoPos, expr)
	for _, file := range p.Syntax {
		if err == nil {
			break
		}
		if inFile, fileErr := types.Eval(p.Fset, p.Types, file.Name.End(), expr); fileErr == nil {
			v, err = inFile, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("package %s: %s", p.PkgPath, withoutPosition(err))
	}
	if !v.IsType() {
		return nil, fmt.Errorf("%s is no type in package %s", expr, p.PkgPath)
	}
	if n, ok := types.Unalias(v.Type).(*types.Named); ok && n.TypeParams().Len() > n.TypeArgs().Len() {
		return nil, fmt.Errorf("%s is generic: write its type arguments, as in %s[%s]",
			expr, expr, strings.TrimSuffix(strings.Repeat("int, ", n.TypeParams().Len()), ", "))
	}
	return v.Type, nil
}

// withoutPosition is an error's text without the place in an expression that has no file.
func withoutPosition(err error) string {
	var e types.Error
	if errors.As(err, &e) {
		return e.Msg
	}
	return err.Error()
}

// known lists the types of a package and of all that it imports, the nearest first.
func (l *loader) known(pkg *types.Package) []*gotype.Type {
	seen := map[*types.Package]bool{pkg: true}
	queue := []*types.Package{pkg}
	var list []*gotype.Type
	for next := 0; next < len(queue) && next < maxPackages; next++ {
		p := queue[next]
		if next == 0 || !isStandard(p) {
			list = append(list, l.ofScope(p)...)
		}
		for _, q := range p.Imports() {
			if !seen[q] {
				seen[q] = true
				queue = append(queue, q)
			}
		}
	}
	return list
}

// maxPackages bounds how far the imports of a package are followed.
const maxPackages = 1000

// isStandard tells whether a package is of the standard library: those types are registered
// under their full path, and are loaded if they are.
func isStandard(p *types.Package) bool {
	first, _, _ := strings.Cut(p.Path(), "/")
	return !strings.Contains(first, ".") && p.Name() != "main"
}

// ofScope lists the types that a package declares and that are not generic.
func (l *loader) ofScope(p *types.Package) (list []*gotype.Type) {
	for _, name := range p.Scope().Names() {
		t, ok := p.Scope().Lookup(name).(*types.TypeName)
		if !ok || t.IsAlias() {
			continue
		}
		n, ok := t.Type().(*types.Named)
		if ok && n.TypeParams().Len() == 0 && !types.IsInterface(n) {
			list = append(list, l.types.Of(n))
		}
	}
	return list
}
