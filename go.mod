module github.com/bitcoin-mem/memsize

go 1.26

require (
	github.com/modern-go/reflect2 v1.0.2
	github.com/stretchr/testify v1.12.1
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
