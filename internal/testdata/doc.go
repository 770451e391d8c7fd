// Package testdata makes the snapshots in the repository's testdata folder: gob files as a program
// would write them, with made-up but realistic content, the same bytes on every run.
//
//   - utxo.gob: a set of unspent outputs in the shape of Bitcoin Core's CCoinsMap, see [CoinsMap]
//   - mempool.gob: unconfirmed transactions with their bookkeeping, see [Mempool]
//   - sessions.gob: a web shop's session cache, which has nothing to do with Bitcoin and has what
//     the others lack: interfaces, times, nested maps, optional pointers, see [Sessions]
//
// Types and makers are exported for the tests, which load the files back as live values. The
// folder's name keeps it out of ./... patterns; the tests of the root package cover it.
package testdata

//go:generate go run ./generate ../../testdata
