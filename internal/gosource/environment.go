package gosource

import (
	"os"
	"path/filepath"
	"strings"
)

// The go command runs programs and downloads others at the wish of the source that it loads: a go.mod
// file names a toolchain and modules, #cgo lines name flags of a compiler, GOFLAGS may name a
// program to run compilers by. Source beside a snapshot may be anybody's: so all of that is off.
//
// What remains: the compiler and the linker's inputs of the Go release that is installed read the
// source, and write what they make into Go's own build cache.

// environment is that of the go command.
func (c Config) environment() []string {
	env := append(os.Environ(), "GOARCH="+c.Arch, "CGO_ENABLED=0")
	if c.Trust {
		return env
	}
	flags := "-buildvcs=false"
	for _, flag := range strings.Fields(os.Getenv("GOFLAGS")) {
		if strings.HasPrefix(flag, "-tags=") || strings.HasPrefix(flag, "--tags=") {
			flags += " " + flag // which decide what the types are
		}
	}
	if !hasVendor(c.Dir) {
		flags += " -mod=readonly"
	}
	return append(env, "GOFLAGS="+flags,
		"GOTOOLCHAIN=local",    // no other toolchain
		"GOPACKAGESDRIVER=off", // no other program in the place of go list
		"GOPROXY=off",          // no module that is not here
		"GONOPROXY=none",       // not even a private one
		"GOVCS=*:off")          // and no version control
}

// hasVendor tells whether modules are taken from a vendor directory, in dir or above it: the go command
// then finds out by itself, and refuses -mod=readonly's ways.
func hasVendor(dir string) bool {
	dir, err := filepath.Abs(dir)
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "vendor", "modules.txt")); err == nil {
			return true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return false
		}
		dir = up
	}
	return false
}
