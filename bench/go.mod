module github.com/bitcoin-mem/memsize/bench

go 1.26.0

require (
	github.com/bitcoin-mem/memsize v0.0.0
	github.com/klauspost/compress v1.20.3
)

require (
	github.com/DmitriyVTitov/size v1.5.0 // indirect
	github.com/fjl/memsize v0.0.2 // indirect
	github.com/modern-go/reflect2 v1.0.2 // indirect
)

replace github.com/bitcoin-mem/memsize => ../
