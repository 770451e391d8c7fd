package property_test

import (
	"testing"

	"github.com/bitcoin-mem/memsize/internal/suite"
)

func TestMain(m *testing.M) { suite.Main(m) }
