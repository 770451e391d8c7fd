//go:build !memsize_portable

#include "textflag.h"

// func prefetch(at *unsafe.Pointer, n int, offset uintptr)
TEXT ·prefetch(SB), NOSPLIT, $0-24
	MOVD at+0(FP), R0
	MOVD n+8(FP), R1
	MOVD offset+16(FP), R3
	CMP $0, R1
	BLE done
loop:
	MOVD (R0), R2
	ADD R3, R2
	PRFM (R2), PLDL1KEEP
	ADD $8, R0
	SUBS $1, R1
	BNE loop
done:
	RET

// func prefetchRange(p unsafe.Pointer, size uintptr)
TEXT ·prefetchRange(SB), NOSPLIT, $0-16
	MOVD p+0(FP), R0
	MOVD size+8(FP), R1
	ADD R0, R1
next:
	PRFM (R0), PLDL1KEEP
	ADD $64, R0
	CMP R1, R0
	BLO next
	RET
