package account_test

import "github.com/bitcoin-mem/memsize/rules"

// model is a model by name.
func model(name string) *rules.Model {
	m, err := rules.Lookup(name)
	if err != nil {
		panic(err)
	}
	return m
}
