package rules

import (
	"reflect"
	"strings"
)

// A ProgramType is a type that leads to the program rather than to the value that refers to it: to
// what is there once, or belongs to whoever calls. Under models of other worlds it is not followed,
// unless an override or a tag asks for it; under a model of this process's heap it is, and a report
// tells how much is reached through such types only.
type ProgramType struct {
	// Package and Name are those of the type, of the pointee of a pointer, or of an interface. A Name
	// that ends in "*" stands for all that begin so, and "*" for all types of the package.
	Package, Name string
	// Why says in a few words what it leads to.
	Why string
}

// ProgramTypes is the table of such types: of the standard library and of popular modules. A program
// adds to it with [ForProgram].
func ProgramTypes() []ProgramType { return append([]ProgramType(nil), programTypes...) }

const (
	whyTypes     = "descriptions of types, which all values of the program share"
	whyLogger    = "a logger, with its outputs"
	whyRegistry  = "a registry of the whole program"
	whyPool      = "a pool of connections, which all of the program share"
	whyTelemetry = "telemetry of the whole program"
	whyTest      = "the state of a test"
)

var programTypes = []ProgramType{
	{"time", "Location", "a time zone, which all times in it share"},
	{"reflect", "rtype", whyTypes},
	{"reflect", "Type", whyTypes},
	{"internal/abi", "*Type", whyTypes},
	{"context", "*", "a context, which belongs to the call"},
	{"testing", "common", whyTest},
	{"testing", "T", whyTest},
	{"testing", "B", whyTest},
	{"testing", "TB", whyTest},

	{"google.golang.org/protobuf/internal/impl", "MessageInfo", whyTypes},
	{"google.golang.org/protobuf/internal/impl", "ExtensionInfo", whyTypes},
	{"google.golang.org/protobuf/internal/impl", "EnumInfo", whyTypes},
	{"google.golang.org/protobuf/internal/filedesc", "*", whyTypes},
	{"google.golang.org/protobuf/reflect/protoreflect", "*Descriptor", whyTypes},
	{"google.golang.org/protobuf/reflect/protoreflect", "*Type", whyTypes},
	{"google.golang.org/protobuf/reflect/protoregistry", "*", whyRegistry},
	{"github.com/gogo/protobuf/proto", "InternalMessageInfo", whyTypes},

	{"encoding/gob", "typeInfo", whyTypes},
	{"k8s.io/apimachinery/pkg/runtime", "Scheme", whyTypes},
	{"github.com/json-iterator/go", "API", whyRegistry},

	{"log", "Logger", whyLogger},
	{"log/slog", "Logger", whyLogger},
	{"log/slog", "Handler", whyLogger},
	{"go.uber.org/zap", "Logger", whyLogger},
	{"go.uber.org/zap", "SugaredLogger", whyLogger},
	{"go.uber.org/zap/zapcore", "Core", whyLogger},
	{"github.com/sirupsen/logrus", "Logger", whyLogger},
	{"github.com/sirupsen/logrus", "Entry", whyLogger},
	{"github.com/sirupsen/logrus", "FieldLogger", whyLogger},
	{"github.com/go-logr/logr", "LogSink", whyLogger},
	{"github.com/hashicorp/go-hclog", "Logger", whyLogger},
	{"github.com/go-kit/log", "Logger", whyLogger},
	{"github.com/rs/zerolog", "LevelWriter", whyLogger},

	{"github.com/prometheus/client_golang/prometheus", "Registry", whyRegistry},
	{"github.com/prometheus/client_golang/prometheus", "Registerer", whyRegistry},
	{"github.com/prometheus/client_golang/prometheus", "Gatherer", whyRegistry},
	{"go.opentelemetry.io/otel/trace", "Tracer", whyTelemetry},
	{"go.opentelemetry.io/otel/trace", "TracerProvider", whyTelemetry},
	{"go.opentelemetry.io/otel/trace", "Span", whyTelemetry},
	{"go.opentelemetry.io/otel/metric", "Meter", whyTelemetry},
	{"go.opentelemetry.io/otel/metric", "MeterProvider", whyTelemetry},

	{"net/http", "Transport", whyPool},
	{"net/http", "RoundTripper", whyPool},
	{"net/http", "Server", "a server, with its connections"},
	{"crypto/x509", "CertPool", "the certificates that the program trusts"},
	{"database/sql", "DB", whyPool},
	{"gorm.io/gorm", "DB", whyPool},
	{"github.com/jackc/pgx/v5/pgxpool", "Pool", whyPool},
	{"github.com/redis/go-redis/v9", "Client", whyPool},
	{"github.com/redis/go-redis/v9", "UniversalClient", whyPool},
	{"go.mongodb.org/mongo-driver/mongo", "Client", whyPool},
	{"go.mongodb.org/mongo-driver/v2/mongo", "Client", whyPool},
	{"github.com/nats-io/nats.go", "Conn", whyPool},
	{"k8s.io/client-go/rest", "Interface", whyPool},
	{"google.golang.org/grpc", "ClientConn", whyPool},
	{"google.golang.org/grpc", "ClientConnInterface", whyPool},
	{"google.golang.org/grpc", "Server", "a server, with its connections"},
}

// matches tells whether the entry is of a type with that package path and name.
func (p *ProgramType) matches(pkg, name string) bool {
	if p.Package != pkg || name == "" {
		return false
	}
	if prefix, ok := strings.CutSuffix(p.Name, "*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	if suffix, ok := strings.CutPrefix(p.Name, "*"); ok {
		return strings.HasSuffix(name, suffix)
	}
	return p.Name == name
}

// programEntry is the entry of the table for t, or nil: that of the pointee of a pointer, of an
// interface, or of another type of a package of which all types are in the table.
func programEntry(t Type) *ProgramType {
	whole := false // a type that holds no pointer itself is the value's own, unless all of its package is not
	switch t.Kind() {
	case reflect.Pointer:
		t = t.Elem()
	case reflect.Interface:
		if b, ok := t.(boxType); ok {
			t = b.iface
		}
	default:
		whole = true
	}
	pkg, name := t.PkgPath(), t.Name()
	if pkg == "" {
		return nil
	}
	for i := range programTypes {
		if p := &programTypes[i]; p.matches(pkg, name) && (!whole || p.Name == "*" && pkg == "context") {
			return p
		}
	}
	return nil
}

// ForProgram says that values of exactly the type T, a pointer or an interface, lead to the program
// rather than to the value that refers to them, as those of [ProgramTypes] do. why says in a few words
// what they lead to.
func ForProgram[T any](why string) Override {
	t := reflect.TypeFor[T]()
	if k := t.Kind(); k != reflect.Pointer && k != reflect.Interface {
		panic("rules: ForProgram wants a pointer or an interface type, as in ForProgram[*Registry], not " +
			t.String())
	}
	if why == "" {
		panic("rules: ForProgram wants to be told what " + t.String() + " leads to")
	}
	return Override{typ: t, program: why}
}

// Program says what values at b lead to if that is the program rather than the value: see
// [ProgramTypes]. It is empty for others, and where a tag or an override asks that they be followed.
func (m *Model) Program(b Binding) string {
	if b.Type == nil || b.Expr != nil {
		return ""
	}
	return m.program(b.Type)
}

func (m *Model) program(t Type) string {
	if why := m.programs[goTypeOf(t)]; why != "" {
		return why
	}
	if m.of(t) != nil {
		return ""
	}
	if p := programEntry(t); p != nil {
		return p.Why
	}
	return ""
}

// goTypeOf is the Go type of t, or of the interface that a box is in; nil if there is none.
func goTypeOf(t Type) reflect.Type {
	if b, ok := t.(boxType); ok {
		t = b.iface
	}
	g, _ := reflected(t)
	return g
}
