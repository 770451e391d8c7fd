package swiss_test

import (
	"testing"

	"github.com/bitcoin-mem/memsize/walker/swiss"
)

func TestSmoke(t *testing.T) { t.Log(swiss.Exact()) }
