// Package memsizebeam makes one account of many gob snapshots on a cluster, with Apache Beam.
//
// # Definitions
//
// A shard is one file. It is scanned as a whole, where a worker reads it (plain, gzip or zstd), into
// a census: what is in it, place by place, in some kilobytes to some hundred, whatever its size.
// Only censuses travel. A [Shards] is a set of shards by name, each with its census or with the
// reason for which it has none; sets are united in any order, and a shard that comes twice counts
// once. A [Result] is the census of all shards, merged in the order of their names, and a [Failure]
// for each that could not be read, or not to its end.
//
// # What is the same
//
// Result.Census has the same bytes as the command memsize merge -o writes for the same files in the
// order of their names, and [Account] those of memsize merge --output json, whatever the bundles, the
// retries and their order.
//
// # What it takes
//
// A worker needs memory for the scans that it runs at a time (up to 20 MiB each, see
// snapshot.MaxMemory, and a window of the file). The worker that makes the Result holds all
// censuses, compressed, and unpacks one at a time.
//
// A file that cannot be opened or read to its end is tried three times in all before it becomes a
// Failure. What is broken in itself is not tried again.
package memsizebeam
