//go:build !memsize_portable

package main

const portableBuild = false
