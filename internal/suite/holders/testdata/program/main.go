// Command program builds values, and prints for many parts of them the chains by which they are held, a
// line of JSON for each; or, with evaluations compiled in, evaluates these chains.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sync/atomic"
	"unsafe"

	"github.com/bitcoin-mem/memsize"
)

type session struct {
	id    string
	user  *user
	log   []entry
	data  any
	peers map[string]*session
	inner struct{ deep [3]*user }
	bytes []byte
}

type user struct {
	name  string
	tags  []string
	boss  *user
	posts map[int][]byte
}

type entry struct {
	at   int64
	text string
	more any
}

type box struct{ v any }

type pair [2]byte

type application struct {
	Sessions map[string]*session
	ByNumber map[int]*session
	ByPair   map[pair]*user
	ByAny    map[any]*user
	Users    []*user
	Values   map[string]session
	List     []session
	Any      any
	Twice    **user
	Atom     atomic.Pointer[user]
	Spare    []*user
	Array    *[4]user
	Nested   map[string]map[string][]*user
	Chan     chan *user
	Func     func() *user
}

var (
	app   application
	cache map[string]*user
)

// evaluations are the chains of targets, compiled.
var evaluations map[string]func() any

func newUser(i int) *user {
	return &user{name: fmt.Sprint("a user with a name ", i), tags: []string{fmt.Sprint("the tag number ", i)},
		posts: map[int][]byte{i: []byte(fmt.Sprint("a post of some length ", i))}}
}

func newSession(i int) *session {
	s := &session{id: fmt.Sprint("the session number ", i), user: newUser(i), bytes: make([]byte, 100+i)}
	for k := range 5 {
		s.log = append(s.log, entry{text: fmt.Sprint("a line of a log ", k), more: &box{newUser(k)}})
	}
	s.data = map[string]any{"user": newUser(i), "list": []any{newUser(1), newUser(2)}, "box": box{newUser(3)}}
	s.inner.deep[2] = newUser(i)
	return s
}

// build makes the values, and what is to be asked about, by name.
func build() map[string]any {
	app.Sessions, app.ByNumber = map[string]*session{}, map[int]*session{}
	app.Nested = map[string]map[string][]*user{}
	targets := map[string]any{}
	for i := range 20 {
		name, s := fmt.Sprint("s", i), newSession(i)
		app.Sessions[name] = s
		if i%2 == 0 {
			app.ByNumber[i] = s
		}
		if i%5 == 0 {
			targets[name] = s
			targets[name+" bytes"] = s.bytes
			targets[name+" id"] = s.id
			targets[name+" log"] = s.log
			targets[name+" text"] = s.log[3].text
			targets[name+" box"] = s.log[2].more
			targets[name+" user"] = s.log[2].more.(*box).v
			targets[name+" name"] = s.log[2].more.(*box).v.(*user).name
			targets[name+" data user"] = s.data.(map[string]any)["user"]
			targets[name+" data list"] = s.data.(map[string]any)["list"].([]any)[1]
			targets[name+" data box"] = s.data.(map[string]any)["box"].(box).v
			targets[name+" deep"] = s.inner.deep[2]
			targets[name+" posts"] = s.user.posts
			targets[name+" post"] = s.user.posts[i]
		}
	}
	app.ByPair = map[pair]*user{{1, 2}: newUser(1), {3, 4}: newUser(2)}
	app.ByAny = map[any]*user{1: newUser(1), "x": newUser(2), int64(3): newUser(3), pair{5, 6}: newUser(4), true: newUser(5)}
	app.Users = []*user{newUser(1), newUser(2), newUser(3)}
	app.Users[1].boss = app.Users[2]
	app.Users[2].boss = newUser(7)
	app.Values = map[string]session{"v": *newSession(30)}
	app.List = []session{*newSession(31), *newSession(32)}
	app.Any = []*session{newSession(33)}
	twice := newUser(34)
	app.Twice = &twice
	app.Atom.Store(newUser(35))
	app.Spare = append(make([]*user, 0, 10), newUser(36), newUser(37))[:1]
	app.Array = &[4]user{*newUser(38), *newUser(39)}
	app.Nested["a"] = map[string][]*user{"b": {newUser(40), newUser(41)}}
	cache = map[string]*user{"one": app.Users[0], "two": newUser(42)}
	for name, u := range map[string]*user{"pair": app.ByPair[pair{3, 4}], "any 1": app.ByAny[1],
		"any x": app.ByAny["x"], "any 3": app.ByAny[int64(3)], "any pair": app.ByAny[pair{5, 6}],
		"any true": app.ByAny[true], "users 0": app.Users[0], "users 2": app.Users[2],
		"boss": app.Users[1].boss.boss, "twice": twice, "atom": app.Atom.Load(), "spare": app.Spare[:2][1],
		"array": &app.Array[1], "nested": app.Nested["a"]["b"][1], "cache": cache["two"],
		"value": app.Values["v"].user, "value deep": app.Values["v"].inner.deep[2], "list": app.List[1].user} {
		targets[name] = u
		targets[name+" tags"] = u.tags
		targets[name+" tag"] = u.tags[0]
		targets[name+" posts"] = u.posts
	}
	targets["value log"] = app.Values["v"].log[4].text
	targets["any list"] = app.Any.([]*session)[0].user
	targets["array itself"] = app.Array
	targets["twice itself"] = app.Twice
	targets["list itself"] = app.List
	targets["field"] = &app.Users[1].posts
	targets["sessions"] = app.Sessions
	return targets
}

func main() {
	targets := build()
	if len(evaluations) == 0 {
		printChains(targets)
		return
	}
	failed := 0
	for name, f := range evaluations {
		target := name
		for target != "" && targets[target] == nil {
			target = target[:len(target)-1]
		}
		if got, want := word(f()), word(targets[target]); got != want {
			fmt.Printf("%s: %x, not %x\n", name, got, want)
			failed++
		}
	}
	fmt.Println("evaluated", len(evaluations))
	if failed > 0 {
		os.Exit(1)
	}
}

func printChains(targets map[string]any) {
	roots := map[string]any{"app": memsize.Var(&app), "cache": memsize.Var(&cache)}
	for name, target := range targets {
		chains, err := memsize.Holders(roots, target)
		if err != nil {
			fmt.Println(name, err)
			os.Exit(1)
		}
		if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"name": name, "chains": chains}); err != nil {
			panic(err)
		}
	}
}

// word is where the memory of a value begins.
func word(v any) uintptr {
	if s, ok := v.(string); ok {
		return uintptr(unsafe.Pointer(unsafe.StringData(s)))
	}
	return reflect.ValueOf(v).Pointer()
}
