// Command state runs a fixed workload and writes the state that it leaves behind as a gob stream, for a
// CI job that compares it with that of another revision.
package main

import (
	"encoding/gob"
	"flag"
	"fmt"
	"os"
)

// State is what the program keeps.
type State struct {
	Sessions map[string]Session
	Index    map[string][]uint32
}

// Session is what is known of a user.
type Session struct {
	User  string
	Token []byte
}

func main() {
	token := flag.Int("token", 32, "how long a token is, in bytes: the change that a pull request makes")
	flag.Parse()
	s := State{map[string]Session{}, map[string][]uint32{}}
	for i := range uint32(1000) {
		user := fmt.Sprintf("user%d@example.org", i)
		s.Sessions[user] = Session{user, make([]byte, *token)}
		word := fmt.Sprintf("word%d", i%200)
		s.Index[word] = append(s.Index[word], i)
	}
	if err := gob.NewEncoder(os.Stdout).Encode(s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
