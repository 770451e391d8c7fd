//go:build linux

// Command measure runs a command and prints what it took, as JSON: its exit code, the most
// resident memory in bytes and the processor time in nanoseconds. The command's output is dropped.
//
// It is a program of its own, and a small one, because the kernel's count of a process begins with
// the memory of the one that started it. The command gets no huge pages: some kernels give them to
// every process, and then count 2 MiB where a page was used.
package main

import (
	"encoding/json"
	"os"
	"syscall"
)

// disableHugePages is PR_SET_THP_DISABLE: for this process and those that it starts.
const disableHugePages = 41

func main() {
	// A kernel that does not know of it gives none.
	_, _, _ = syscall.Syscall6(syscall.SYS_PRCTL, disableHugePages, 1, 0, 0, 0, 0)
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	check(err)
	child, err := os.StartProcess(os.Args[1], os.Args[1:], &os.ProcAttr{
		Files: []*os.File{os.Stdin, null, os.Stderr},
	})
	check(err)
	state, err := child.Wait()
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(map[string]int64{
		"Code": int64(state.ExitCode()),
		"Peak": int64(state.SysUsage().(*syscall.Rusage).Maxrss) << 10,
		"CPU":  int64(state.UserTime() + state.SystemTime()),
	}))
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString("measure: " + err.Error() + "\n")
		os.Exit(2)
	}
}
