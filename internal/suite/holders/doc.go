// Package holders holds the chains of memsize.Holders to the compiler: it compiles and evaluates them.
package holders
