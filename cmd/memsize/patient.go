package main

import (
	"context"
	"io"
)

// patientReader reads from what may keep it waiting, such as a pipe or a terminal, in a goroutine
// of its own: a signal or a time limit ends the wait. What it waits for is then abandoned.
type patientReader struct {
	ctx  context.Context
	done chan piece
	idle bool   // no read is under way
	left []byte // read and not yet handed over
	err  error
	read func([]byte) (int, error)
	buf  []byte
}

// piece is what a read has given.
type piece struct {
	n   int
	err error
}

// newPatientReader reads from what open opens, which may take as long.
func newPatientReader(ctx context.Context, open func() (io.Reader, error)) *patientReader {
	var source io.Reader
	return &patientReader{
		ctx: ctx, done: make(chan piece, 1), idle: true, buf: make([]byte, 64<<10),
		read: func(b []byte) (n int, err error) {
			if source == nil {
				if source, err = open(); err != nil {
					return 0, err
				}
			}
			return source.Read(b)
		},
	}
}

// Read is io.Reader's. It returns the context's error once that has one.
func (p *patientReader) Read(b []byte) (int, error) {
	if len(p.left) == 0 && p.err == nil {
		if p.idle {
			p.idle = false
			go func() {
				n, err := p.read(p.buf)
				p.done <- piece{n, err}
			}()
		}
		select {
		case <-p.ctx.Done():
			return 0, p.ctx.Err()
		case got := <-p.done:
			p.idle, p.left, p.err = true, p.buf[:got.n], got.err
		}
	}
	n := copy(b, p.left)
	if p.left = p.left[n:]; len(p.left) > 0 {
		return n, nil
	}
	return n, p.err
}
