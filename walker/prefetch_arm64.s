//go:build !memsize_portable

#include "textflag.h"

// func prefetchFrames(frames *frame, n int)
TEXT ·prefetchFrames(SB), NOSPLIT, $0-16
	MOVD frames+0(FP), R0
	MOVD n+8(FP), R1
	CMP $0, R1
	BLE done
loop:
	MOVD (R0), R2
	PRFM (R2), PLDL1KEEP
	ADD $24, R0
	SUBS $1, R1
	BNE loop
done:
	RET
