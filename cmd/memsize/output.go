package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
)

// A regular file that the command writes is written beside under another name, synced, and renamed:
// whatever happens meanwhile (a full disk, a signal, a crash), under its name is either the old
// file or the new one, whole. Symbolic links are followed, so that the file that they lead to is
// replaced and not the link. What is no regular file, such as a device or a FIFO, is written as it
// is.

// save writes a file by write. An error leaves an old regular file as it was.
func (s *streams) save(name string, write func(io.Writer) error) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a directory: name a file", name)
	case err == nil && !info.Mode().IsRegular():
		return direct(name, write)
	case err == nil:
		if err := writable(name); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return explainOpen(err)
	}
	target, err := throughLinks(name)
	if err != nil {
		return err
	}
	return s.replace(target, info, write)
}

// direct writes what is no regular file.
func direct(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return explainOpen(err)
	}
	return errors.Join(explainOpen(buffered(f, write)), f.Close())
}

// writable is an error where a regular file must not be written: to rename another one over it would
// need no leave of the file.
func writable(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return explainOpen(err)
	}
	return f.Close()
}

// throughLinks is the name behind symbolic links, which need not exist. The names are not cleaned:
// what ".." means depends on links.
func throughLinks(name string) (string, error) {
	for range 40 {
		info, err := os.Lstat(name)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return name, nil // an error shows again where the file is made
		}
		link, err := os.Readlink(name)
		if err != nil {
			return "", explainOpen(err)
		}
		if !filepath.IsAbs(link) {
			dir, _ := filepath.Split(name)
			link = dir + link
		}
		name = link
	}
	return "", fmt.Errorf("%s: too many symbolic links", name)
}

// replace writes a file beside target and renames it. What is known of an old target, which may be
// nil, tells the mode of the new one.
func (s *streams) replace(target string, old fs.FileInfo, write func(io.Writer) error) error {
	dir, _ := filepath.Split(target)
	temporary := fmt.Sprintf("%s.memsize-%016x.tmp", dir, rand.Uint64())
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("%s is written beside and renamed, which its directory does not allow: %w",
			target, errors.Unwrap(err))
	}
	if !s.making.add(temporary) {
		return errors.Join(errStopped, f.Close(), os.Remove(temporary))
	}
	defer s.making.remove(temporary)
	err = buffered(f, write)
	if err == nil && old != nil {
		keepOwner(f, old)
		err = f.Chmod(old.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky))
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err != nil {
		return fmt.Errorf("%s: %w", target, withoutPath(err))
	}
	if err := s.making.rename(temporary, target); err != nil {
		return fmt.Errorf("%s: %w", target, withoutPath(err))
	}
	syncFolder(dir)
	return nil
}

// buffered writes to a file in large pieces.
func buffered(f io.Writer, write func(io.Writer) error) error {
	b := bufio.NewWriterSize(f, 64<<10)
	if err := write(b); err != nil {
		return err
	}
	return b.Flush()
}

// syncFolder makes a new name in a folder last. Not every system has that: an error means nothing.
func syncFolder(dir string) {
	if f, err := os.Open(filepath.Clean(dir)); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}

// withoutPath is an error of a file without the file's name, which may be a temporary one.
func withoutPath(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// errStopped is why a file is not made: the command was told to stop.
var errStopped = errors.New("stopped before it was written")

// unfinished are the files under temporary names, which go when the command has to stop.
type unfinished struct {
	mu     sync.Mutex
	closed bool
	names  map[string]bool
}

func newUnfinished() *unfinished { return &unfinished{names: map[string]bool{}} }

// add tells of a new file; false where none must be made any more.
func (u *unfinished) add(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return false
	}
	u.names[name] = true
	return true
}

// rename gives a file its name, unless it was taken away.
func (u *unfinished) rename(from, to string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return errStopped
	}
	err := os.Rename(from, to)
	if err == nil {
		delete(u.names, from)
	}
	return err
}

// remove takes a file away that is still there.
func (u *unfinished) remove(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.names[name] {
		_ = os.Remove(name)
		delete(u.names, name)
	}
}

// close takes all files away, and no other is made.
func (u *unfinished) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for name := range u.names {
		_ = os.Remove(name)
	}
	clear(u.names)
}

// keepInputs is an error where an output is one of the inputs, by whatever name: another spelling, a
// link, standard input. Names that lead to nothing, such as a flag that was not given, are no file.
func (s *streams) keepInputs(output string, inputs ...string) error {
	out, err := os.Stat(output)
	if err != nil || !storage(out) {
		return nil
	}
	for _, name := range inputs {
		if in := s.identity(name); in != nil && os.SameFile(in, out) {
			return failure{exitUsage, fmt.Errorf("%s is an input (%s): the output would overwrite it; "+
				"name another file", output, name)}
		}
	}
	return nil
}

// identity is the file behind the name of an input, "-" for standard input; nil where there is none.
func (s *streams) identity(name string) fs.FileInfo {
	info, err := os.Stat(name)
	if f, ok := s.in.(*os.File); ok && name == "-" {
		info, err = f.Stat()
	}
	if err != nil {
		return nil
	}
	return info
}

// storage tells whether what is written to a file stays there.
func storage(info fs.FileInfo) bool {
	return info.Mode().IsRegular() ||
		info.Mode()&fs.ModeDevice != 0 && info.Mode()&fs.ModeCharDevice == 0
}

// isStandardOutput tells whether a name leads to the file or pipe that standard output is.
func (s *streams) isStandardOutput(name string) bool {
	if name == "-" {
		return true
	}
	info, err := os.Stat(name)
	return err == nil && info.Mode()&fs.ModeCharDevice == 0 && s.writesTo(info)
}

// writesTo tells whether standard output is a file.
func (s *streams) writesTo(info fs.FileInfo) bool {
	f, ok := s.out.(*os.File)
	if !ok {
		return false
	}
	out, err := f.Stat()
	return err == nil && os.SameFile(out, info)
}
