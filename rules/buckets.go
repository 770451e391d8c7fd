package rules

// bucketGrowth is the bucket counts that an std::unordered_map of libstdc++ goes through when it
// is filled by insertion: 13, then each time the first prime of __prime_list
// (libstdc++-v3/src/shared/hashtable-aux.cc) that is at least twice the last. The list is sparse
// above 2^32, hence the bigger steps.
var bucketGrowth = [...]uint64{
	13, 29, 59, 127, 257, 541, 1109, 2357, 5087, 10273, 20753, 42043, 85229, 172933, 351061,
	712697, 1447153, 2938679, 5967347, 12117689, 24607243, 49969847, 101473717, 206062531,
	418451333, 849749479, 1725587117, 3504151727, 8589934583, 25769803693, 68719476731,
	206158430123, 412316860387, 1099511627689, 2199023255531, 4398046511093, 13194139533241,
	26388279066581, 52776558133177, 105553116266399, 211106232532861, 562949953421231,
	1125899906842597, 4503599627370449, 18014398509481951, 36028797018963913,
	72057594037927931, 288230376151711717, 1152921504606846883, 2305843009213693951,
	9223372036854775783, 18446744073709551557,
}

// bucketCount is the bucket_count() of an unordered container after n single insertions at the
// default load factor of 1 (_Prime_rehash_policy::_M_need_rehash): it grows when an element
// would not have a bucket of its own. An empty one has 1 bucket, inside the object.
func bucketCount(n uint64) uint64 {
	if n == 0 {
		return 1
	}
	for _, buckets := range bucketGrowth {
		if n <= buckets {
			return buckets
		}
	}
	return bucketGrowth[len(bucketGrowth)-1] // the policy stops growing at its last prime
}
