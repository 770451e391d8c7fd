package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/bitcoin-mem/memsize/snapshot"
)

// sample is what one run took.
type sample struct {
	Wall float64 // seconds
	CPU  float64 // seconds, of user and system
	Peak int64   // bytes of resident memory at most
}

// measure runs a task on a file in this process and prints the sample.
func measure(task string, c corpus, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return timed(func() error {
		if task == "scan" {
			_, err := snapshot.Scan(context.Background(), file)
			return err
		}
		return c.decode(bufio.NewReaderSize(file, 1<<20))
	})
}

// timed prints the sample of what run takes.
func timed(run func() error) error {
	start, before := time.Now(), cpu()
	if err := run(); err != nil {
		return err
	}
	s := sample{Wall: time.Since(start).Seconds(), CPU: (cpu() - before).Seconds(), Peak: peak()}
	return json.NewEncoder(os.Stdout).Encode(s)
}

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	u := usage()
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the most bytes that this process has had in memory. The kernel's count for a process
// (VmHWM) is preferred: that of getrusage begins with what the parent had when it forked.
func peak() int64 {
	if status, err := os.Open("/proc/self/status"); err == nil {
		defer status.Close()
		for lines := bufio.NewScanner(status); lines.Scan(); {
			var kib int64
			if n, _ := fmt.Sscanf(lines.Text(), "VmHWM: %d kB", &kib); n == 1 {
				return kib << 10
			}
		}
	}
	return int64(usage().Maxrss) << 10
}

func usage() (u syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u
}
