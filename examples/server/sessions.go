package main

import (
	"errors"
	"strings"
	"sync"
	"time"
)

// sessions are the users that are logged in.
type sessions struct {
	mu   sync.RWMutex
	byID map[string]*session
}

// session is what is known of a user that is logged in.
type session struct {
	User  string
	Token string
	Since time.Time
	Roles []string
}

var errForm = errors.New("want user=NAME&token=TOKEN and a page of other fields")

// login makes a session of the form that a browser sent: user=NAME&token=TOKEN&…
func (s *sessions) login(form string) error {
	user, rest, ok := strings.Cut(strings.TrimPrefix(form, "user="), "&token=")
	if !ok {
		return errForm
	}
	token, _, _ := strings.Cut(rest, "&")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = map[string]*session{}
	}
	s.byID[strings.Clone(user)] = &session{
		User:  strings.Clone(user),
		Token: token, // the fault: a piece of the form keeps all of the form alive
		Since: time.Now(),
		Roles: []string{"reader"},
	}
	return nil
}
