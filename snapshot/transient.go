package snapshot

// DecodeBuffer is the bytes of the buffer that encoding/gob needs on top of what it decodes: it
// reads each message whole, in steps of 10 MiB by append (internal/saferio.ReadData), and holds it
// until its value is decoded. Live heap and buffer together are what a decoding process cannot do
// without; its collector lets garbage pile up beside them, at the default of GOGC=100 about as much
// again. Deeply nested values take stack besides: some 500 bytes a level.
func (c *Census) DecodeBuffer() uint64 {
	const chunk, threshold, page = 10 << 20, 256, 8 << 10
	n := c.LargestMessage
	if n < chunk {
		return n
	}
	var capacity uint64
	for size := uint64(0); size < n; {
		size = min(size+chunk, n)
		if size <= capacity {
			continue
		}
		grown := capacity // runtime.nextslicecap
		if size > 2*capacity {
			grown = size
		}
		for grown < size {
			grown += (grown + 3*threshold) >> 2
		}
		capacity = (grown + page - 1) / page * page
	}
	return capacity + chunk
}
