package memsizebeam

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/memfs"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	filesystem.Register("flaky", func(context.Context) filesystem.Interface { return flaky })
	ptest.MainWithDefault(m, "prism")
}

// runPipeline is what a run on prism writes for the files of some patterns.
func runPipeline(t *testing.T, patterns ...string) (account, census []byte, failures []Failure) {
	t.Helper()
	dir := t.TempDir()
	to := Files{Account: dir + "/account.json", Census: dir + "/census.json", Failures: dir + "/failures.json"}
	p, s := beam.NewPipelineWithRoot()
	files := fileio.MatchAll(s, beam.CreateList(s, patterns), fileio.MatchEmptyDisallow())
	Write(s, Scan(s, files), to, "core", "go")
	require.NoError(t, ptest.Run(p))
	require.NoError(t, json.Unmarshal(read(t, to.Failures), &failures))
	return read(t, to.Account), read(t, to.Census), failures
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	return b
}

// command is the command memsize, built once for all tests.
var command = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "memsize")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "memsize")
	build := exec.Command("go", "build", "-o", name, "./cmd/memsize")
	build.Dir = ".."
	out, err := build.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return name, err
})

// merged is the account and the census that the command makes of files.
func merged(t *testing.T, files []string) (account, census []byte) {
	t.Helper()
	name, err := command()
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "all.json")
	run := func(args ...string) []byte {
		cmd := exec.Command(name, append(append([]string{"merge"}, files...), args...)...)
		cmd.Stderr = nil
		out, err := cmd.Output()
		var exit *exec.ExitError
		require.True(t, err == nil || errors.As(err, &exit) && exit.ExitCode() == 1, "%v", err)
		return out
	}
	account = run("--output", "json", "--model", "core,go")
	run("-o", out)
	return account, read(t, out)
}

// realFiles are copies of the repository's snapshots under a folder, in order of names.
func realFiles(t *testing.T) (dir string, names []string) {
	t.Helper()
	dir = t.TempDir()
	found, err := filepath.Glob("../testdata/*.gob*")
	require.NoError(t, err)
	for _, name := range found {
		content := read(t, name)
		if len(content) > 4<<20 {
			continue // a second is enough for a test
		}
		copied := filepath.Join(dir, filepath.Base(name))
		require.NoError(t, os.WriteFile(copied, content, 0o600))
		names = append(names, copied)
	}
	require.NotEmpty(t, names)
	for i := range 4 { // and some of one kind, each packed in its way
		content := shardOf(t, i, 20+i)
		var packed bytes.Buffer
		switch i {
		case 0, 1:
			packed.Write(content)
		case 2:
			w := gzip.NewWriter(&packed)
			_, err = w.Write(content)
			require.NoError(t, errors.Join(err, w.Close()))
		case 3:
			packed.Write(pack(content))
		}
		name := filepath.Join(dir, fmt.Sprintf("shard-%d.gob", i))
		require.NoError(t, os.WriteFile(name, packed.Bytes(), 0o600))
		names = append(names, name)
	}
	slices.Sort(names)
	return dir, names
}

// On prism the account of real files has the bytes that the command writes.
func TestPrismGivesTheCommandsBytes(t *testing.T) {
	dir, names := realFiles(t)
	account, census, failures := runPipeline(t, dir+"/*")
	wantAccount, wantCensus := merged(t, names)
	require.Equal(t, string(wantAccount), string(account))
	require.Equal(t, string(wantCensus), string(census))
	require.Empty(t, failures)
}

// A broken file is an entry with its reason. What could be read of it counts, as it does for the
// command; two patterns that match a file count it once.
func TestBrokenFilesAreEntries(t *testing.T) {
	dir, names := realFiles(t)
	cut := filepath.Join(dir, "zz-cut.gob")
	require.NoError(t, os.WriteFile(cut, read(t, names[0])[:200_000], 0o600))
	text := filepath.Join(dir, "zz-text.gob")
	require.NoError(t, os.WriteFile(text, []byte("this is no gob at all, but a text\n"), 0o600))
	empty := filepath.Join(dir, "zz-empty.gob")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))

	account, census, failures := runPipeline(t, dir+"/*", cut)
	wantAccount, wantCensus := merged(t, append(names, cut))
	require.Equal(t, string(wantAccount), string(account))
	require.Equal(t, string(wantCensus), string(census))
	require.Len(t, failures, 3)
	require.Equal(t, cut, failures[0].File)
	require.True(t, failures[0].Partial)
	require.Equal(t, empty, failures[1].File)
	require.Contains(t, failures[1].Reason, "no value in the input")
	require.Equal(t, text, failures[2].File)
	require.False(t, failures[2].Partial)
}

// In memory, with a file system of which two in three opens and reads fail: the same bytes, for
// what fails is tried again.
func TestInjectedFailures(t *testing.T) {
	_, names := realFiles(t)
	flaky.reset(3)
	for _, name := range names {
		content := read(t, name)
		memfs.Write("memfs://retried/"+filepath.Base(name), content)
		flaky.files["flaky://retried/"+filepath.Base(name)] = content
	}
	_, want := merged(t, names)
	_, census, failures := runPipeline(t, "memfs://retried/*")
	require.Empty(t, failures)
	require.Equal(t, string(want), string(census))
	_, census, failures = runPipeline(t, "flaky://retried/*")
	require.Empty(t, failures)
	require.Equal(t, string(want), string(census))
	require.Greater(t, flaky.failed, len(names), "too few failures to show anything")
}

// A file that never can be read is an entry, and the job goes on.
func TestLostFile(t *testing.T) {
	_, names := realFiles(t)
	flaky.reset(3)
	for _, name := range names {
		flaky.files["flaky://retried/"+filepath.Base(name)] = read(t, name)
	}
	flaky.files["flaky://retried/lost.gob"] = nil
	_, want := merged(t, names)
	_, census, failures := runPipeline(t, "flaky://retried/*")
	require.Equal(t, string(want), string(census))
	require.Equal(t, []Failure{{"flaky://retried/lost.gob", "this file is gone", false}}, failures)
}

// flaky is a file system of which each file fails when it is opened first, and in the middle when it
// is opened again.
var flaky = &flakyFiles{}

type flakyFiles struct {
	mu     sync.Mutex
	files  map[string][]byte
	tries  map[string]int
	failed int
	period int
}

func (f *flakyFiles) reset(period int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files, f.tries, f.failed, f.period = map[string][]byte{}, map[string]int{}, 0, period
}

func (f *flakyFiles) Close() error { return nil }

func (f *flakyFiles) List(context.Context, string) ([]string, error) {
	return slices.Sorted(maps.Keys(f.files)), nil
}

func (f *flakyFiles) Size(_ context.Context, name string) (int64, error) {
	return int64(len(f.files[name])), nil
}

func (f *flakyFiles) OpenWrite(context.Context, string) (io.WriteCloser, error) {
	return nil, errors.ErrUnsupported
}

func (f *flakyFiles) OpenRead(_ context.Context, name string) (io.ReadCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tries[name]++
	content := f.files[name]
	switch try := f.tries[name] % f.period; {
	case content == nil:
		return nil, errors.New("this file is gone")
	case try == 1:
		f.failed++
		return nil, errors.New("503: come again")
	case try == 2:
		f.failed++
		half := bytes.NewReader(content[:len(content)/2])
		return io.NopCloser(io.MultiReader(half, brokenPipe{})), nil
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

type brokenPipe struct{}

func (brokenPipe) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// Whatever the bundles of three workers, whatever is tried again, and in whatever order accumulators
// meet, each having gone through its coder now and then: the same Result, and the same bytes on the
// way for the same set.
func TestAnyBundlesGiveOneResult(t *testing.T) {
	_, names := realFiles(t)
	var shards []Shard
	for i := range 40 {
		shard := scanShard(t.Context(), names[i%len(names)], 0)
		shard.Name = fmt.Sprintf("shard-%02d", i)
		shards = append(shards, shard)
	}
	shards[7] = scanShard(t.Context(), "/nowhere/at/all", 0)
	var want Result
	var wantBytes []byte
	for round := range 30 {
		r := rand.New(rand.NewPCG(3, uint64(round)))
		all := randomly(t, r, shards)
		got, err := all.result()
		require.NoError(t, err)
		encoded, err := encodeShards(all)
		require.NoError(t, err)
		if round == 0 {
			want, wantBytes = got, encoded
			require.Equal(t, 39, want.Files)
			require.Len(t, want.Failures, 1)
		}
		require.Equal(t, want, got, "round %d", round)
		require.True(t, bytes.Equal(wantBytes, encoded), "round %d", round)
	}
}

// randomly unites shards in random bundles, in a random order, some of them twice.
func randomly(t *testing.T, r *rand.Rand, shards []Shard) Shards {
	fn := &unite{}
	var workers [3][]Shards
	work := slices.Concat(shards, shards[:r.IntN(len(shards))]) // bundles that were tried again
	r.Shuffle(len(work), func(i, j int) { work[i], work[j] = work[j], work[i] })
	for len(work) > 0 {
		n := min(1+r.IntN(8), len(work))
		acc := fn.CreateAccumulator()
		for _, shard := range work[:n] {
			acc = fn.AddInput(acc, shard)
		}
		work = work[n:]
		w := r.IntN(len(workers))
		workers[w] = append(workers[w], acc)
	}
	all := slices.Concat(workers[:]...)
	for len(all) > 1 {
		i := r.IntN(len(all) - 1)
		if r.IntN(2) == 0 {
			encoded, err := encodeShards(all[i])
			require.NoError(t, err)
			all[i], err = decodeShards(encoded)
			require.NoError(t, err)
		}
		all[i] = fn.MergeAccumulators(all[i], all[i+1])
		all = slices.Delete(all, i+1, i+2)
	}
	return all[0]
}

// Damaged accumulators are errors.
func TestDamagedShards(t *testing.T) {
	good, err := encodeShards(Shards{[]Shard{{Name: "a", Reason: "r"}, {Name: "b", Census: []byte("c")}}})
	require.NoError(t, err)
	for end := range good {
		s, err := decodeShards(good[:end])
		require.True(t, err != nil || s.Len() < 2, "cut at %d", end)
	}
	twice := append(slices.Clone(good), good...)
	_, err = decodeShards(twice)
	require.ErrorContains(t, err, "out of order")
}

// What Write cannot do it says before anything runs.
func TestUnknownModel(t *testing.T) {
	_, s := beam.NewPipelineWithRoot()
	require.PanicsWithError(t, lookupError(t, "cora"), func() {
		Write(s, beam.PCollection{}, Files{}, "cora")
	})
}

func lookupError(t *testing.T, name string) string {
	_, err := lookup([]string{name})
	require.Error(t, err)
	require.True(t, strings.Contains(err.Error(), name))
	return err.Error()
}
