//go:build !memsize_portable

#include "textflag.h"

// func prefetch(at *unsafe.Pointer, n int, offset uintptr)
TEXT ·prefetch(SB), NOSPLIT, $0-24
	MOVQ at+0(FP), AX
	MOVQ n+8(FP), CX
	MOVQ offset+16(FP), DX
	TESTQ CX, CX
	JLE done
loop:
	MOVQ (AX), BX
	PREFETCHT0 (BX)(DX*1)
	ADDQ $8, AX
	DECQ CX
	JNZ loop
done:
	RET

// func prefetchRange(p unsafe.Pointer, size uintptr)
TEXT ·prefetchRange(SB), NOSPLIT, $0-16
	MOVQ p+0(FP), AX
	MOVQ size+8(FP), CX
	ADDQ AX, CX
next:
	PREFETCHT0 (AX)
	ADDQ $64, AX
	CMPQ AX, CX
	JCS next
	RET
