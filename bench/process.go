package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// deepest is the length of a chain for those who recurse, and theirs the largest stack that Go
// allows: 1 GiB, for it grows by doubling and has to stay below 2,000,000,000 bytes.
const (
	deepest  = 1_000_000
	maxStack = 2_000_000_000
)

// common is the process of all that need none of their own.
const common = "common"

// group is contenders that can share a process.
type group struct {
	binary     string // that runs them; this one for ""
	contenders []contender
	n          int
	deep       bool
	profile    string
}

// groups are the processes that a workload takes. The collector runs in each.
func groups(w workload, picked []contender, n int, portableBinary string) []group {
	most := group{n: n}
	others := group{n: n, binary: portableBinary}
	deep := group{n: min(n, deepest), deep: true}
	for _, c := range picked {
		switch {
		case c.when&graphs != 0 && w.single():
		case c.name == collector:
			for _, g := range []*group{&most, &others, &deep} {
				g.contenders = append(g.contenders, c)
			}
		case c.when&portable != 0:
			others.contenders = append(others.contenders, c)
		case c.when&recurses != 0 && w.chain:
			deep.contenders = append(deep.contenders, c)
		default:
			most.contenders = append(most.contenders, c)
		}
	}
	return slices.DeleteFunc([]group{most, others, deep}, func(g group) bool {
		onlyCollector := len(g.contenders) == 1 && g.contenders[0].name == collector
		return len(g.contenders) == 0 || onlyCollector && len(picked) > 1
	})
}

// measureAll measures workloads in processes of their own, and shows each when it is done. One that
// fails does not keep the others from being measured.
func (r *results) measureAll(out, raw io.Writer, s settings, chosen []workload,
	picked []contender) error {
	folder, err := os.MkdirTemp("", "memsize-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	binary := ""
	if slices.ContainsFunc(picked, func(c contender) bool { return c.when&portable != 0 }) {
		if binary, err = buildPortable(folder); err != nil {
			return err
		}
	}
	var failed error
	for _, w := range chosen {
		processes := groups(w, picked, s.objects(w), binary)
		if len(processes) > 0 {
			processes[0].profile = s.profile // of most contenders; the others have their own processes
		}
		lines, err := r.measure(w, processes, s.runs)
		if err == nil && r.undecided(w) {
			lines[0], err = r.measureAnew(w, processes[0], s.runs)
		}
		_, unwritten := raw.Write(slices.Concat(lines...))
		failed = errors.Join(failed, err, unwritten)
		fmt.Fprintln(out, r.block(w, picked))
	}
	return failed
}

// measure runs the processes of a workload, and is what each wrote.
func (r *results) measure(w workload, processes []group, runs int) (lines [][]byte, failed error) {
	for _, g := range processes {
		written, err := g.run(w, runs)
		if err == nil {
			err = r.read(bytes.NewReader(written), w.name)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", w.name, err))
		}
		lines = append(lines, written)
	}
	return lines, failed
}

// more is how many processes measure anew where the first does not tell whether a graph is walked as
// fast as asked. Each has its graph in other pages of the machine's memory.
const more = 3

// measureAnew is what these processes wrote, which counts instead of what the first one did.
func (r *results) measureAnew(w workload, g group, runs int) (lines []byte, err error) {
	for range more {
		written, err := g.run(w, runs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
		lines = append(lines, written...)
	}
	return lines, r.read(bytes.NewReader(lines), w.name)
}

// objects is how many a workload is to have.
func (s settings) objects(w workload) int {
	switch {
	case w.n == 1:
		return 1
	case s.n > 0:
		return s.n
	case s.quick:
		return w.n / 20
	}
	return w.n
}

// buildPortable builds this command without what reaches into the runtime.
func buildPortable(folder string) (string, error) {
	file := filepath.Join(folder, "portable")
	c := exec.Command("go", "build", "-tags", "memsize_portable", "-o", file,
		"github.com/bitcoin-mem/memsize/bench")
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("building with memsize_portable, in the folder bench: %w", err)
	}
	return file, nil
}

// run is what a process of the group writes.
func (g group) run(w workload, runs int) ([]byte, error) {
	binary := g.binary
	if binary == "" {
		var err error
		if binary, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	var names []string
	for _, c := range g.contenders {
		names = append(names, c.name)
	}
	c := exec.Command(binary, "-child", "-workload", w.name,
		"-contenders", strings.Join(names, ","), "-n", strconv.Itoa(g.n),
		"-runs", strconv.Itoa(runs), "-deep="+strconv.FormatBool(g.deep), "-profile", g.profile)
	c.Stderr = os.Stderr
	return c.Output()
}

// child measures one workload in this process.
func child(out io.Writer, s settings, picked []contender) error {
	i := slices.IndexFunc(workloads, func(w workload) bool { return w.name == s.workloads })
	if i < 0 {
		return errors.New("-child needs the whole name of a workload")
	}
	where := common
	if s.deep {
		debug.SetMaxStack(maxStack)
		where = "deep"
	} else if portableBuild {
		where = "portable"
	}
	e := newEmitter(out, workloads[i].name, where, s.n)
	e.profile = s.profile
	return measure(e, workloads[i], picked, s.n, s.runs)
}
