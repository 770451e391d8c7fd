//go:build !memsize_portable

#include "textflag.h"

// func prefetchFrames(frames *frame, n int)
TEXT ·prefetchFrames(SB), NOSPLIT, $0-16
	MOVQ frames+0(FP), AX
	MOVQ n+8(FP), CX
	TESTQ CX, CX
	JLE done
loop:
	MOVQ (AX), BX
	PREFETCHT0 (BX)
	ADDQ $24, AX
	DECQ CX
	JNZ loop
done:
	RET
