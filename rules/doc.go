// Package rules says what values cost: how big each type is, what each container owns, and which
// rule applies where. It knows nothing of walking values.
//
// # Words
//
// A layout gives size, alignment and padding of every type in one world: C++ LP64 with libstdc++,
// C++ ILP32, Go, or repr(Rust). A rule is a container formula: what a container of some length
// and capacity owns beyond itself, in bytes and in five parts (Parts) that always sum to the
// total. A Model is a layout, the formulas of one library, and an allocator that rounds each
// block. Counted is what Core's memusage.h or the bitcoin-mem crate counts; what the real
// libraries allocate beyond that (a cached hash, a NUL) is not, but under libstdcxx, which counts
// what the containers of libstdc++ really ask for.
//
// # Which rule applies
//
// A Binding is a type at one place, with the expression that is said of it there. In falling
// order: ForField, the memusage tag, ForType, ForKind, the model's default. The defaults: string
// is std::string, a slice std::vector, a map std::unordered_map (map[K]struct{} an
// unordered_set), a pointer and an interface std::unique_ptr, container/list.List a std::list,
// sync/atomic.Pointer[T] a *T; *list.Element and weak.Pointer[T] own nothing. Channels have no
// twin and are priced as a vector of their capacity; funcs own nothing. Types that lead to the
// program rather than to the value (ProgramTypes: time zones, descriptions of types, contexts, loggers
// and the like; ForProgram adds to them) are not followed, unless ForType or a tag names them.
//
// # Names of rules
//
// A tag or Parse knows these names; N is a number, and parameters in <> are rules of what lies inside.
//
//	_                           the model's default
//	-                           the field is left out
//	vector<elem>                slices, strings: std::vector; Vec
//	prevector=N<elem>           slices: Core's prevector, which keeps up to N elements inside
//	string                      strings, byte slices: std::string
//	set<key>                    maps, slices: std::set, a node for each entry
//	map<key, elem>              maps: std::map, a node for each entry
//	indirectmap<key, elem>      maps: Core's indirectmap, whose keys are pointers and are not followed
//	unordered_set<key>          maps, slices: a node for each entry, and buckets
//	unordered_map<key, elem>    maps: a node for each entry, and buckets
//	pool_unordered_map=N<key, elem>
//	                            maps: nodes in a pool with chunks of N bytes
//	list<elem>                  container/list.List, slices: std::list, a node for each element
//	unique_ptr<elem>            pointers, interfaces: a block of their own; Box
//	shared_ptr<elem>            pointers, interfaces: the same with a counter, std::shared_ptr; Arc
//	raw<elem>                   pointers, interfaces: owns nothing, and is not followed
//	option<elem>                pointers: Rust's Option, std::optional: the pointee lies in its owner
//	amo<elem>                   pointers: the crate's Arc of a lock and an Option
//
// Built-in rules are names: the model gives them their formula, so that SharedPtr is a
// std::shared_ptr under core and an Arc under crate. The go models price what Go allocates, which no
// rule changes: they heed "-" alone, and neither names nor rules of one's own.
//
// # Use
//
// A walker starts with Model.Bind, goes down with Field, Elem, Key and Box, asks Reach what to
// follow, and prices what it finds with the Pricer of each Binding. Everything is safe for
// concurrent use. Arithmetic saturates at 2^64-1.
package rules
