module github.com/bitcoin-mem/memsize

go 1.26

require (
	github.com/modern-go/reflect2 v1.0.2 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
)
