// containers builds real containers of libstdc++ and prints what they ask of the heap and what the
// heap gives them: one JSON object a line.
//
//     containers glibc= glibc_reuse= jemalloc=/path/libjemalloc.so.2 ...
//
// Every structure is built in a process of its own, once under each allocator named on the command
// line (NAME=LIBRARY, to be preloaded; glibc= first, which needs none). What is asked for must be
// the same under all of them.
//
// While a structure is built, blocks that it gives back (a vector's old array) are kept aside and
// freed only when it stands, so that every block of it is a fresh one. Under the name glibc_reuse=
// they are freed at once and used again, as in real life: there glibc may hand out a chunk that is
// 16 bytes larger than needed, because the rest would have been too small to be a chunk.
//
//   rule, how      the container, in the words of the golden figures, and how it was filled
//   elem, key, val element types: uN; bN is N bytes; o36 is 32 bytes and a u32; qN is N/8 u64;
//                  empty is a class without members
//   len            elements
//   cap            capacity of a vector (of bools: bits) or string, where there is one
//   buckets        bucket_count of an unordered container
//   inner          length of each string or vector that is an element (of a map: each key or value)
//   requests       the live requests to operator new when the structure stands: [bytes, how many]
//   requested      their sum in bytes
//   heap           the bytes that each allocator really took: under glibc by mallinfo2, under the
//                  others the sum of malloc_usable_size over the live requests
//
// The container object itself is on the stack and not counted.
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

// ---- the ledger: every live request. A fixed open-addressing table, so that it needs no heap.

struct Entry {
    void* block;
    size_t size;
};

static constexpr size_t kEntries = 1 << 18;
static Entry ledger[kEntries];
static size_t ledger_used; // live and dead: a dead entry keeps its place in the chain
static void* const kDead = &ledger;
static bool counting; // off until main: a preloaded allocator may itself use operator new
static bool reuse;    // free at once
static void* aside[kEntries];
static size_t aside_used;

static size_t Slot(void* block)
{
    return (reinterpret_cast<uintptr_t>(block) >> 3) * 2654435761u % kEntries;
}

static void Enter(void* block, size_t size)
{
    size_t i = Slot(block);
    while (ledger[i].block != nullptr && ledger[i].block != kDead) i = (i + 1) % kEntries;
    if (ledger[i].block == nullptr && ++ledger_used == kEntries) abort();
    ledger[i] = {block, size};
}

static void Strike(void* block)
{
    size_t i = Slot(block);
    while (ledger[i].block != block && ledger[i].block != nullptr) i = (i + 1) % kEntries;
    if (ledger[i].block == block) ledger[i].block = kDead; // else made before counting began
}

static void FreeAside()
{
    while (aside_used > 0) free(aside[--aside_used]);
}

void* operator new(size_t size)
{
    void* block = malloc(size);
    if (block == nullptr) abort();
    if (counting) Enter(block, size);
    return block;
}

void operator delete(void* block) noexcept
{
    if (block == nullptr) return;
    Strike(block);
    if (counting && !reuse && aside_used < kEntries)
        aside[aside_used++] = block;
    else
        free(block);
}

void operator delete(void* block, size_t) noexcept { operator delete(block); }

// ---- element types, named as in the golden figures

template <size_t N>
struct Bytes {
    uint8_t data[N];
};
template <size_t N>
struct Words {
    uint64_t data[N / 8];
};
struct OutPoint {
    uint8_t hash[32];
    uint32_t n;
};
struct Empty {};

template <typename T, typename = void> struct Name;
template <> struct Name<uint8_t> { static constexpr const char* text = "u8"; };
template <> struct Name<uint16_t> { static constexpr const char* text = "u16"; };
template <> struct Name<uint32_t> { static constexpr const char* text = "u32"; };
template <> struct Name<uint64_t> { static constexpr const char* text = "u64"; };
template <> struct Name<Bytes<20>> { static constexpr const char* text = "b20"; };
template <> struct Name<Bytes<32>> { static constexpr const char* text = "b32"; };
template <> struct Name<Words<24>> { static constexpr const char* text = "q24"; };
template <> struct Name<Words<48>> { static constexpr const char* text = "q48"; };
template <> struct Name<OutPoint> { static constexpr const char* text = "o36"; };
template <> struct Name<Empty> { static constexpr const char* text = "empty"; };
using OptionalString = std::optional<std::string>;
template <> struct Name<OptionalString> { static constexpr const char* text = "optional_string"; };
template <> struct Name<std::string> { static constexpr const char* text = "std_string"; };
template <> struct Name<std::vector<uint8_t>> { static constexpr const char* text = "vector_u8"; };

// Make gives the i-th distinct value of a type; strings and vectors have inner elements.
template <typename T>
T Make(size_t i, size_t inner)
{
    if constexpr (std::is_same_v<T, std::string>) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i);
        std::string s(inner, 'x'); // exactly inner characters: no growth, no spare
        memcpy(s.data(), number, std::min(inner, strlen(number)));
        return s;
    } else if constexpr (std::is_same_v<T, OptionalString>) {
        return Make<std::string>(i, inner);
    } else if constexpr (std::is_empty_v<T>) {
        return T();
    } else if constexpr (std::is_same_v<T, std::vector<uint8_t>>) {
        return std::vector<uint8_t>(inner, uint8_t(i));
    } else {
        T t{};
        memcpy(&t, &i, std::min(sizeof t, sizeof i));
        return t;
    }
}

struct Less {
    template <typename T>
    bool operator()(const T& a, const T& b) const
    {
        return !std::is_empty_v<T> && memcmp(&a, &b, sizeof a) < 0;
    }
};
struct Equal {
    template <typename T>
    bool operator()(const T& a, const T& b) const
    {
        return std::is_empty_v<T> || memcmp(&a, &b, sizeof a) == 0;
    }
};
template <bool NoThrow>
struct Hash {
    // libstdc++ keeps the hash in each node where computing it might throw.
    template <typename T>
    size_t operator()(const T& t) const noexcept(NoThrow)
    {
        size_t h = 0;
        if (std::is_empty_v<T>) return h;
        memcpy(&h, &t, std::min(sizeof h, sizeof t));
        return h;
    }
};

// ---- the report of one structure

struct Shape {
    const char* rule;
    const char* how;
    const char* elem = nullptr;
    const char* key = nullptr;
    const char* val = nullptr;
    size_t inner = 0;
};

static constexpr size_t kNone = SIZE_MAX;
static size_t heap_before;

static size_t HeapNow()
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void Field(const char* name, const char* text)
{
    if (text != nullptr) printf("\"%s\":\"%s\",", name, text);
}

static void Field(const char* name, size_t number)
{
    if (number != kNone) printf("\"%s\":%zu,", name, number);
}

// Requests prints the live requests by size, ascending, and their sum.
static void Requests()
{
    static size_t sizes[kEntries];
    size_t n = 0, sum = 0;
    for (const Entry& e : ledger)
        if (e.block != nullptr && e.block != kDead) sum += sizes[n++] = e.size;
    qsort(sizes, n, sizeof sizes[0], [](const void* a, const void* b) {
        size_t x = *static_cast<const size_t*>(a), y = *static_cast<const size_t*>(b);
        return x < y ? -1 : int(x > y);
    });
    Field("blocks", n);
    Field("requested", sum);
    printf("\"requests\":[");
    for (size_t i = 0, run; i < n; i += run) {
        for (run = 1; i + run < n && sizes[i + run] == sizes[i];) run++;
        printf("%s[%zu,%zu]", i ? "," : "", sizes[i], run);
    }
    printf("]");
}

// Report prints what stands now: the row on one line, the heap on the next.
static void Report(const Shape& s, size_t len, size_t cap = kNone, size_t buckets = kNone)
{
    FreeAside();
    size_t heap = HeapNow() - heap_before; // first: printing may allocate
    size_t usable = 0;
    for (const Entry& e : ledger)
        if (e.block != nullptr && e.block != kDead) usable += malloc_usable_size(e.block);
    printf("{");
    Field("rule", s.rule);
    Field("how", s.how);
    Field("elem", s.elem);
    Field("key", s.key);
    Field("val", s.val);
    Field("len", len);
    Field("cap", cap);
    Field("buckets", buckets);
    if (s.inner) Field("inner", s.inner);
    Requests();
    printf("\n%zu\n", getenv("LD_PRELOAD") ? usable : heap);
}

// ---- structures

template <typename T>
void VectorPush(size_t n, size_t inner = 0)
{
    std::vector<T> v;
    for (size_t i = 0; i < n; i++) v.push_back(Make<T>(i, inner));
    Report({"vector", "push_back", Name<T>::text, nullptr, nullptr, inner}, v.size(), v.capacity());
}

template <typename T>
void VectorReserve(size_t n, size_t inner = 0)
{
    std::vector<T> v;
    v.reserve(n);
    for (size_t i = 0; i < n; i++) v.push_back(Make<T>(i, inner));
    Report({"vector", "reserve", Name<T>::text, nullptr, nullptr, inner}, v.size(), v.capacity());
}

void VectorBool(size_t n)
{
    std::vector<bool> v(n);
    Report({"vector_bool", "construct"}, v.size(), v.capacity());
}

void StringConstruct(size_t n)
{
    std::string s(n, 'x');
    Report({"string", "construct"}, s.size(), s.capacity());
}

void StringPush(size_t n)
{
    std::string s;
    for (size_t i = 0; i < n; i++) s.push_back('x');
    Report({"string", "push_back"}, s.size(), s.capacity());
}

void StringReserve(size_t n, size_t capacity)
{
    std::string s;
    s.reserve(capacity);
    s.append(n, 'x');
    Report({"string", "reserve"}, s.size(), s.capacity());
}

template <typename T>
void List(size_t n, size_t inner = 0)
{
    std::list<T> l;
    for (size_t i = 0; i < n; i++) l.push_back(Make<T>(i, inner));
    Report({"list", "push_back", Name<T>::text, nullptr, nullptr, inner}, l.size());
}

// kPlain classes have no order, no equality and no std::hash of their own.
template <typename T>
constexpr bool kPlain = std::is_class_v<T> && !std::is_same_v<T, std::string>;

template <typename T>
using Order = std::conditional_t<kPlain<T>, Less, std::less<T>>;

template <typename T>
void Set(size_t n, size_t inner = 0)
{
    std::set<T, Order<T>> s;
    for (size_t i = 0; i < n; i++) s.insert(Make<T>(i, inner));
    Report({"set", "insert", Name<T>::text, nullptr, nullptr, inner}, s.size());
}

template <typename K, typename V>
void Map(size_t n, size_t inner = 0)
{
    std::map<K, V, Order<K>> m;
    for (size_t i = 0; i < n; i++) m.emplace(Make<K>(i, inner), Make<V>(i, inner));
    Report({"map", "insert", nullptr, Name<K>::text, Name<V>::text, inner}, m.size());
}

template <typename M>
void UnorderedMap(size_t n, size_t inner, size_t reserve, const char* how)
{
    using K = typename M::key_type;
    using V = typename M::mapped_type;
    M m;
    if (reserve) m.reserve(reserve);
    for (size_t i = 0; i < n; i++) m.emplace(Make<K>(i, inner), Make<V>(i, inner));
    Report({"unordered_map", how, nullptr, Name<K>::text, Name<V>::text, inner}, m.size(), kNone,
           m.bucket_count());
}

template <typename K, typename V>
void Unordered(size_t n, size_t inner = 0, size_t reserve = 0)
{
    UnorderedMap<std::unordered_map<K, V>>(n, inner, reserve, reserve ? "reserve" : "insert");
}

template <typename K, typename V, bool NoThrow>
void UnorderedHashed(size_t n)
{
    const char* how = NoThrow ? "insert" : "insert, hash may throw";
    UnorderedMap<std::unordered_map<K, V, Hash<NoThrow>, Equal>>(n, 0, 0, how);
}

template <typename T>
void UnorderedSet(size_t n, size_t inner = 0)
{
    std::unordered_set<T> s;
    for (size_t i = 0; i < n; i++) s.insert(Make<T>(i, inner));
    Report({"unordered_set", "insert", Name<T>::text, nullptr, nullptr, inner}, s.size(), kNone,
           s.bucket_count());
}

template <typename T>
void UnorderedSetHashed(size_t n)
{
    std::unordered_set<T, Hash<true>, Equal> s;
    for (size_t i = 0; i < n; i++) s.insert(Make<T>(i, 0));
    Report({"unordered_set", "insert", Name<T>::text}, s.size(), kNone, s.bucket_count());
}

template <typename T>
void Unique(size_t inner = 0)
{
    auto p = std::make_unique<T>(Make<T>(1, inner));
    Report({"unique_ptr", "make_unique", Name<T>::text, nullptr, nullptr, inner}, 1);
}

template <typename T>
void SharedNew(size_t inner = 0)
{
    std::shared_ptr<T> p(new T(Make<T>(1, inner)));
    Report({"shared_ptr", "new", Name<T>::text, nullptr, nullptr, inner}, 1);
}

template <typename T>
void SharedMake(size_t inner = 0)
{
    auto p = std::make_shared<T>(Make<T>(1, inner));
    Report({"shared_ptr", "make_shared", Name<T>::text, nullptr, nullptr, inner}, 1);
}

// VectorShared is n pointers made by make_shared, all to one object or each to its own.
void VectorShared(size_t n, bool one)
{
    std::vector<std::shared_ptr<uint64_t>> v;
    v.reserve(n);
    for (size_t i = 0; i < n; i++) v.push_back(one && i ? v[0] : std::make_shared<uint64_t>(i));
    const char* how = one ? "make_shared, all one" : "make_shared";
    Report({"vector<shared_ptr>", how, "u64"}, v.size(), v.capacity());
}

using Structure = void (*)();

static const Structure structures[] = {
    [] { VectorPush<uint8_t>(0); },
    [] { VectorReserve<uint8_t>(1); },
    [] { VectorReserve<uint8_t>(24); },
    [] { VectorReserve<uint8_t>(25); },
    [] { VectorReserve<uint8_t>(1000); },
    [] { VectorReserve<uint8_t>(100000); },
    [] { VectorReserve<uint8_t>(1000000); },
    [] { VectorPush<uint32_t>(10); },
    [] { VectorPush<uint32_t>(1000); },
    [] { VectorReserve<uint64_t>(200000); },
    [] { VectorReserve<OutPoint>(100); },
    [] { VectorReserve<std::string>(10, 15); },
    [] { VectorReserve<std::string>(10, 40); },
    [] { VectorReserve<std::vector<uint8_t>>(100, 33); },
    [] { VectorBool(1); },
    [] { VectorBool(1000); },
    [] { VectorBool(100000); },
    [] { StringConstruct(15); },
    [] { StringConstruct(16); },
    [] { StringConstruct(24); },
    [] { StringConstruct(1000); },
    [] { StringConstruct(200000); },
    [] { StringPush(100); },
    [] { StringReserve(3, 100); },
    [] { StringReserve(20, 100); },
    [] { List<uint8_t>(10); },
    [] { List<uint32_t>(1000); },
    [] { List<OutPoint>(100); },
    [] { List<std::string>(100, 40); },
    [] { List<Empty>(10); },
    [] { Set<Empty>(1); },
    [] { Set<uint8_t>(10); },
    [] { Set<uint64_t>(1000); },
    [] { Set<Bytes<20>>(100); },
    [] { Set<Bytes<32>>(100); },
    [] { Set<std::string>(100, 40); },
    [] { Map<uint32_t, uint32_t>(0); },
    [] { Map<uint32_t, uint32_t>(1); },
    [] { Map<uint32_t, uint32_t>(1000); },
    [] { Map<uint64_t, uint64_t>(100); },
    [] { Map<Bytes<20>, uint8_t>(100); },
    [] { Map<std::string, uint64_t>(100, 15); },
    [] { Map<std::string, uint64_t>(100, 40); },
    [] { Map<OutPoint, Words<24>>(100); },
    [] { Map<uint64_t, std::vector<uint8_t>>(100, 33); },
    [] { Unordered<uint32_t, uint32_t>(0); },
    [] { Unordered<uint32_t, uint32_t>(1); },
    [] { Unordered<uint32_t, uint32_t>(13); },
    [] { Unordered<uint32_t, uint32_t>(14); },
    [] { Unordered<uint32_t, uint32_t>(1000); },
    [] { Unordered<uint32_t, uint32_t>(1000, 0, 1000); },
    [] { Unordered<uint64_t, uint64_t>(50000); },
    [] { Unordered<std::string, uint32_t>(100, 15); },
    [] { Unordered<std::string, uint32_t>(100, 40); },
    [] { Unordered<uint64_t, std::vector<uint8_t>>(100, 33); },
    [] { UnorderedHashed<OutPoint, Words<48>, true>(1000); },
    [] { UnorderedHashed<OutPoint, Words<48>, false>(1000); },
    [] { UnorderedHashed<Bytes<20>, uint8_t, true>(100); },
    [] { Unordered<OptionalString, uint64_t>(100, 40); },
    [] { UnorderedSet<uint64_t>(100); },
    [] { UnorderedSetHashed<Bytes<20>>(100); },
    [] { UnorderedSetHashed<Empty>(1); },
    [] { UnorderedSet<std::string>(100, 40); },
    [] { Unique<uint8_t>(); },
    [] { Unique<uint64_t>(); },
    [] { Unique<OutPoint>(); },
    [] { Unique<std::string>(40); },
    [] { Unique<Empty>(); },
    [] { SharedNew<uint64_t>(); },
    [] { SharedNew<OutPoint>(); },
    [] { SharedMake<uint64_t>(); },
    [] { SharedMake<OutPoint>(); },
    [] { SharedMake<std::string>(40); },
    [] { SharedMake<Empty>(); },
    [] { VectorShared(100, false); },
    [] { VectorShared(100, true); },
};

// ---- one process for each structure and allocator

struct Answer {
    char row[1 << 14];
    size_t heap;
};

// Run asks a child process; argument is NAME=LIBRARY.
static void Run(const char* self, size_t structure, const char* argument, Answer& answer)
{
    const char* library = strchr(argument, '=') + 1;
    const char* mode = strncmp(argument, "glibc_reuse=", 12) == 0 ? "--reuse" : "--fresh";
    char command[4096];
    // Without tcache, mallinfo2 knows every free chunk as free.
    snprintf(command, sizeof command, "GLIBC_TUNABLES=glibc.malloc.tcache_count=0 %s%s '%s' %s %zu",
             *library ? "LD_PRELOAD=" : "", library, self, mode, structure);
    FILE* child = popen(command, "r");
    bool good = child != nullptr && fgets(answer.row, sizeof answer.row, child) != nullptr &&
                fscanf(child, "%zu", &answer.heap) == 1;
    if (!good || pclose(child) != 0) {
        fprintf(stderr, "containers: no answer from: %s\n", command);
        exit(1);
    }
    answer.row[strcspn(answer.row, "\n")] = '\0';
}

// Compare runs one structure under all allocators and prints its line.
static void Compare(size_t structure, int argc, char** argv)
{
    static Answer first, answer;
    Run(argv[0], structure, argv[1], first);
    printf("%s,\"heap\":{", first.row);
    for (int a = 1; a < argc; a++) {
        Run(argv[0], structure, argv[a], answer);
        if (strcmp(first.row, answer.row) != 0) {
            fprintf(stderr, "containers: %s differs:\n%s\n%s\n", argv[a], first.row, answer.row);
            exit(1);
        }
        int name = int(strcspn(argv[a], "="));
        printf("%s\"%.*s\":%zu", a > 1 ? "," : "", name, argv[a], answer.heap);
    }
    printf("}}\n");
}

int main(int argc, char** argv)
{
    static char buffer[1 << 16];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer); // stdio shall not malloc a buffer
    if (argc == 3 && strncmp(argv[1], "--", 2) == 0) {
        reuse = strcmp(argv[1], "--reuse") == 0;
        size_t structure = strtoul(argv[2], nullptr, 10);
        counting = true;
        heap_before = HeapNow();
        structures[structure]();
        return 0;
    }
    for (int a = 1; a < argc || a < 2; a++)
        if (argc < 2 || strchr(argv[a], '=') == nullptr) {
            fprintf(stderr, "usage: containers glibc= [NAME=LIBRARY ...]\n");
            return 2;
        }
    for (size_t i = 0; i < sizeof structures / sizeof structures[0]; i++) Compare(i, argc, argv);
    return 0;
}
