//go:build !memsize_portable

#include "textflag.h"

// func prefetch(at *unsafe.Pointer, n int)
TEXT ·prefetch(SB), NOSPLIT, $0-16
	MOVD at+0(FP), R0
	MOVD n+8(FP), R1
	CMP $0, R1
	BLE done
loop:
	MOVD (R0), R2
	PRFM (R2), PLDL1KEEP
	ADD $8, R0
	SUBS $1, R1
	BNE loop
done:
	RET
