// Package memsizeprom makes metrics for Prometheus of what the live values of a program hold.
//
//	w := watch.New(memsize.OnHeap())
//	w.Add("sessions", &sessions, watch.Lock(&mu), watch.Budget(50*time.Millisecond))
//	prometheus.MustRegister(memsizeprom.NewCollector(w))
//
// # Metrics
//
//	memsize_root_bytes{root,model,part}   what a root holds; part is used, spare, padding,
//	                                      overhead or rounding
//	memsize_root_blocks{root,model}       in how many blocks
//	memsize_root_walk_seconds{root}       how long the last walk held the root's locks
//	memsize_root_age_seconds{root}        how old these figures are
//	memsize_root_retained_bytes{root}     what only this root holds (with All)
//	memsize_shared_bytes                  what two or more roots hold (with All)
//	memsize_heap_explained_bytes, memsize_heap_live_bytes   coverage of the live heap (with All)
//
// With R roots (one more, "all", with All) and M models there are at most 6·R·M series of what
// roots hold, 3·R of the roots themselves and three more, whatever the data. No key and no content
// of a value is in any of them.
//
// # What a scrape costs
//
// A scrape reports what is kept, and says how old it is. Before that it walks the roots whose
// figures are older than MaxAge, one after the other, the oldest first; a walk that is expected to
// take longer than what is left of the scrape's Budget is not begun, and one that does is stopped.
// While another walk is under way a scrape makes none. Of a root of which nothing is kept, because no
// budget allowed its first walk, there is memsize_root_estimated_bytes{root} alone: about what it
// holds, from a part of it that a tenth of the budget is spent on.
package memsizeprom
