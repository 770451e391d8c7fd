// twins prints what Bitcoin Core v30.2 would say of three structures of a node: one JSON object a line.
//
//   ccoinsmap    CCoinsMap with n coins, in its pool: memusage::DynamicUsage and the scripts' own blocks
//   mempool      CTxMemPool::DynamicMemoryUsage() with n transactions, and its parts
//   blockindex   memusage::DynamicUsage of a BlockMap with n headers
//
// The classes here have members of the same types in the same order as Core's, so that the compiler lays
// them out alike; the containers are libstdc++'s own, filled by insertion; the formulas are those of
// memusage.h, written anew. Transaction i of the pool has 1 + i%3 inputs, with a script of 107 bytes where
// i is odd, else with a witness of 72 and 33 bytes; 1 + i%2 outputs with scripts of 25 bytes; each fourth
// transaction spends an output of the one before it; each tenth has a delta.
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

// ---- memusage.h: what is charged for a block, and the nodes of containers

static size_t Malloc(size_t n) {
    if (n == 0) return 0;
    return sizeof(void*) == 8 ? (n + 31) >> 4 << 4 : (n + 15) >> 3 << 3;
}
template <class X> struct TreeNode { int color; void *parent, *left, *right; X x; };
template <class X> struct HashNode : private X { void* next; };
struct Counter { void* type; size_t use, weak; };

template <class X> size_t Vector(const std::vector<X>& v) { return Malloc(v.capacity() * sizeof(X)); }
template <class C> size_t Tree(const C& c) { return Malloc(sizeof(TreeNode<typename C::value_type>)) * c.size(); }
template <class C> size_t Buckets(const C& c) { return Malloc(sizeof(void*) * c.bucket_count()); }
template <class C> size_t Hash(const C& c) {
    return Malloc(sizeof(HashNode<typename C::value_type>)) * c.size() + Buckets(c);
}
template <class X> size_t Shared() { return Malloc(sizeof(X)) + Malloc(sizeof(Counter)); }

// ---- the classes

struct Uint256 {
    uint8_t b[32];
    bool operator==(const Uint256& o) const { return __builtin_memcmp(b, o.b, 32) == 0; }
    bool operator<(const Uint256& o) const { return __builtin_memcmp(b, o.b, 32) < 0; }
};
static Uint256 Number(uint64_t n) {
    Uint256 u{};
    __builtin_memcpy(u.b, &n, sizeof n);
    return u;
}
struct Hasher {
    template <class X> size_t operator()(const X& x) const {
        size_t n = 0;
        __builtin_memcpy(&n, &x, sizeof n);
        return n;
    }
};

struct OutPoint {
    Uint256 hash;
    uint32_t n;
    bool operator==(const OutPoint& o) const { return hash == o.hash && n == o.n; }
};
struct Script { // prevector<36, unsigned char>
    union {
        char direct[36];
        struct __attribute__((packed)) { char* indirect; uint32_t capacity; } heap;
    } u;
    uint32_t size;
} __attribute__((aligned(alignof(void*))));
static size_t ScriptBytes(size_t length) { return length <= 36 ? 0 : Malloc(length); }

struct TxIn { OutPoint prevout; Script script; uint32_t sequence; std::vector<std::vector<uint8_t>> witness; };
struct TxOut { int64_t value; Script script; };
struct Tx {
    const std::vector<TxIn> vin;
    const std::vector<TxOut> vout;
    const uint32_t version, lock;
    const bool witness;
    const Uint256 hash, witness_hash;
};
struct Coin { TxOut out; unsigned coinbase : 1; uint32_t height : 31; };
struct CoinEntry { void *prev, *next; uint8_t flags; Coin coin; };

struct BlockIndex {
    const Uint256* hash;
    BlockIndex *prev, *skip;
    int height, file;
    unsigned data, undo;
    uint32_t work[8];
    unsigned txs;
    uint64_t chain_txs;
    uint32_t status;
    int32_t version;
    Uint256 merkle;
    uint32_t time, bits, nonce;
    int32_t sequence;
    unsigned time_max;
};

struct LockPoints { int height; int64_t time; BlockIndex* block; };
struct PoolEntry {
    using Ref = std::reference_wrapper<const PoolEntry>;
    struct Less { bool operator()(Ref a, Ref b) const { return a.get().sequence < b.get().sequence; } };
    const std::shared_ptr<const Tx> tx;
    std::set<Ref, Less> parents, children;
    const int64_t fee;
    const int32_t weight;
    const size_t usage;
    const int64_t time;
    const uint64_t sequence;
    const unsigned height;
    const bool spends_coinbase;
    const int64_t sigops;
    int64_t modified_fee;
    LockPoints lock_points;
    int64_t descendants, descendants_size, descendants_fee;
    int64_t ancestors, ancestors_size, ancestors_fee, ancestors_sigops;
    size_t randomized;
    uint64_t epoch;
};

// ---- the structures

static void CoinsMap(size_t n, size_t script) {
    using Node = HashNode<std::pair<const OutPoint, CoinEntry>>;
    const size_t chunk = 262144, per_chunk = chunk / sizeof(Node);
    std::unordered_map<OutPoint, CoinEntry, Hasher> map;
    for (size_t i = 0; i < n; i++) map[OutPoint{Number(i), 0}];
    size_t chunks = (n + per_chunk - 1) / per_chunk;
    // The pool also serves the array of buckets where that is no larger than the largest block; then a
    // chunk has room for a node less. n is chosen so that this makes no difference.
    size_t own = chunks * (Malloc(3 * sizeof(void*)) + Malloc(chunk)) + Buckets(map);
    printf("{\"structure\":\"ccoinsmap\",\"n\":%zu,\"script\":%zu,\"node\":%zu,\"buckets\":%zu,\"own\":%zu,\"bytes\":%zu}\n",
           n, script, sizeof(Node), map.bucket_count(), own, own + n * ScriptBytes(script));
}

static size_t TxBytes(size_t i) { // core_memusage.h: RecursiveDynamicUsage(CTransaction)
    std::vector<TxIn> in(1 + i % 3);
    std::vector<TxOut> out(1 + i % 2);
    std::vector<std::vector<uint8_t>> witness(2);
    size_t each = i % 2 == 1 ? ScriptBytes(107) : Vector(witness) + Malloc(72) + Malloc(33);
    return Vector(in) + in.size() * each + Vector(out) + out.size() * ScriptBytes(25);
}

static void MemPool(size_t n) {
    using Outs = std::map<const OutPoint*, const Tx*>; // indirectmap
    std::vector<OutPoint> spent(3 * n);
    Outs next;
    std::map<Uint256, int64_t> deltas;
    std::vector<std::shared_ptr<const Tx>> randomized;
    size_t inner = 0, links = 0;
    const size_t link = Malloc(sizeof(TreeNode<PoolEntry::Ref>));
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 1 + i % 3; k++) next[&spent[3 * i + k]] = nullptr;
        if (i % 10 == 0) deltas[Number(i)] = 1000;
        randomized.emplace_back();
        inner += Shared<Tx>() + TxBytes(i);
        if (i % 4 == 3) links += 2 * link; // a parent here, a child there
    }
    size_t entries = Malloc(sizeof(PoolEntry) + 15 * sizeof(void*)) * n;
    size_t total = entries + Tree(next) + Tree(deltas) + Vector(randomized) + inner + links;
    printf("{\"structure\":\"mempool\",\"n\":%zu,\"entry\":%zu,\"capacity\":%zu,\"entries\":%zu,\"next\":%zu,\"deltas\":%zu,"
           "\"randomized\":%zu,\"inner\":%zu,\"links\":%zu,\"bytes\":%zu}\n", n, sizeof(PoolEntry), randomized.capacity(),
           entries, Tree(next), Tree(deltas), Vector(randomized), inner, links, total);
}

static void Index(size_t n) {
    std::unordered_map<Uint256, BlockIndex, Hasher> map;
    for (size_t i = 0; i < n; i++) map[Number(i)];
    printf("{\"structure\":\"blockindex\",\"n\":%zu,\"index\":%zu,\"node\":%zu,\"buckets\":%zu,\"bytes\":%zu}\n", n,
           sizeof(BlockIndex), sizeof(HashNode<std::pair<const Uint256, BlockIndex>>), map.bucket_count(), Hash(map));
}

int main() {
    for (size_t script : {25, 56}) CoinsMap(10000, script);
    for (size_t n : {1, 10, 1000}) MemPool(n);
    for (size_t n : {1, 1000, 20000}) Index(n);
}
