package snapshot

import (
	"errors"
	"fmt"
)

// ErrLimit is what an Error wraps when a limit of the caller stopped the scan ([MaxInput],
// [MaxMemory], [MaxDepth], [MaxSites]), not a defect of the input.
var ErrLimit = errors.New("limit reached")

// ErrFormat is what an Error wraps when the input is not a well-formed gob stream.
var ErrFormat = errors.New("malformed gob stream")

// Error is why a scan stopped: what is wrong, where, and where known what to do about it. It
// wraps one of ErrFormat, ErrLimit, io.ErrUnexpectedEOF, the reader's own error, or the context's.
type Error struct {
	Offset  int64  // of the byte in the (decompressed) stream where the scan could not go on
	Message uint64 // number of the gob message, from 1; 0 before the first
	What    string // what is wrong
	Advice  string // what the input may be, or what to do; may be empty
	Err     error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("byte %d, message %d: %s", e.Offset, e.Message, e.What)
	if e.Advice != "" {
		text += ": " + e.Advice
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
