package testdata

import (
	"encoding/gob"
	"fmt"
	"time"
)

// Sessions is a web shop's session cache, as it is saved at shutdown.
type Sessions struct {
	Opened   time.Time
	ByID     map[string]*Session
	ByTenant map[string]map[string]bool // tenant, session id, active
	Traffic  [24]float64                // requests a second, by hour of the day
	Config   any
}

// Session is what the shop knows of one visitor.
type Session struct {
	ID       string
	User     *User // nil for guests
	Created  time.Time
	LastSeen time.Time
	Values   map[string]any
	Visits   []Visit
	Replaces *Session // the session before login
}

// User is an account.
type User struct {
	Name, Email string
	Roles       []string
	Avatar      []byte
	Address     *Address
}

// Address is where a user wants parcels sent.
type Address struct {
	Street, City, Country string
	Position              *Position
}

// Position is a place in degrees.
type Position struct{ Latitude, Longitude float64 }

// Visit is a page view.
type Visit struct {
	Path   string
	Status int
	Took   time.Duration
}

// Cart is what Session.Values["cart"] holds.
type Cart struct {
	Lines    []CartLine
	Vouchers map[string]float64
	Note     any
}

// CartLine is a product and how many of it.
type CartLine struct {
	SKU   string
	Count int
	Cents int64
	Extra map[string]string
}

// Limits is the concrete type of Sessions.Config.
type Limits struct {
	Idle    time.Duration
	Largest int
}

// gob finds the concrete type of an interface value by a name that both sides register.
func init() {
	gob.RegisterName("shop.Cart", Cart{})
	gob.RegisterName("shop.Limits", Limits{})
	gob.RegisterName("shop.Position", &Position{})
	gob.RegisterName("time.Time", time.Time{})
	gob.RegisterName("map[string]int", map[string]int{})
}

// NewSessions makes a cache of n sessions.
func NewSessions(n int) *Sessions {
	r := newRandom("sessions")
	cache := &Sessions{
		Opened:   time.Date(2025, 1, 6, 8, 0, 0, 0, time.UTC),
		ByID:     make(map[string]*Session, n),
		ByTenant: make(map[string]map[string]bool),
		Config:   Limits{Idle: 30 * time.Minute, Largest: 64 << 10},
	}
	for hour := range cache.Traffic {
		cache.Traffic[hour] = float64(r.below(90_000)) / 100
	}
	for range n {
		s := r.session(cache.Opened)
		cache.ByID[s.ID] = s
		tenant := pick(r, "books", "garden", "music", "toys")
		if cache.ByTenant[tenant] == nil {
			cache.ByTenant[tenant] = make(map[string]bool)
		}
		cache.ByTenant[tenant][s.ID] = r.chance(80)
	}
	return cache
}

func (r random) session(opened time.Time) *Session {
	s := &Session{ID: fmt.Sprintf("%x", r.bytes(16)), Values: r.values()}
	s.Created = opened.Add(time.Duration(r.below(8*3600)) * time.Second)
	s.LastSeen = s.Created.Add(time.Duration(r.below(3600*1000)) * time.Millisecond)
	for range r.below(12) {
		path := fmt.Sprintf("/%s/%d", pick(r, "item", "search", "cart", "help"), r.below(5000))
		took := time.Duration(r.scattered(2e5, 3e9))
		s.Visits = append(s.Visits, Visit{path, pick(r, 200, 200, 200, 304, 404), took})
	}
	if r.chance(55) {
		s.User = r.user()
		if r.chance(30) {
			s.Replaces = &Session{ID: fmt.Sprintf("%x", r.bytes(16)), Created: opened}
		}
	}
	return s
}

func (r random) user() *User {
	name := pick(r, "Ada", "Grace", "Edsger", "Barbara", "Donald", "Jürgen", "Renée", "清子")
	u := &User{Name: name, Email: fmt.Sprintf("user%d@example.org", r.below(100_000))}
	for _, role := range []string{"buyer", "reviewer", "seller", "admin"} {
		if r.chance(40) {
			u.Roles = append(u.Roles, role)
		}
	}
	if r.chance(20) {
		u.Avatar = r.bytes(r.between(200, 1200))
	}
	if r.chance(60) {
		u.Address = &Address{
			Street:  fmt.Sprintf("%d Elm Street", r.between(1, 300)),
			City:    pick(r, "Berlin", "Lyon", "Oslo", "Porto"),
			Country: pick(r, "DE", "FR", "NO", "PT"),
		}
		if r.chance(50) {
			u.Address.Position = r.position()
		}
	}
	return u
}

func (r random) position() *Position {
	return &Position{float64(r.between(-900_000, 900_000)) / 1e4, float64(r.below(3_600_000)) / 1e4}
}

// values is the loose part of a session: a value of any type under any name.
func (r random) values() map[string]any {
	values := map[string]any{
		"lang": pick(r, "de", "en", "fr", "no"),
		"csrf": fmt.Sprintf("%x", r.bytes(8)),
	}
	for _, name := range []string{"theme", "views", "score", "beta", "tags", "until", "counts",
		"cart", "at", "blob"} {
		if r.chance(35) {
			values[name] = r.value(name)
		}
	}
	return values
}

func (r random) value(name string) any {
	switch name {
	case "views":
		return r.below(10_000)
	case "score":
		return float64(r.below(1000)) / 10
	case "beta":
		return r.chance(50)
	case "tags":
		return []string{"returning", pick(r, "newsletter", "wholesale", "gift")}
	case "until":
		return time.Unix(1_736_200_000+int64(r.below(86_400)), 0).UTC()
	case "counts":
		return map[string]int{
			"clicks": r.below(900), "scrolls": r.below(9000), "hovers": r.below(99),
		}
	case "cart":
		return r.cart()
	case "at":
		return r.position()
	case "blob":
		return r.bytes(r.between(1, 60))
	default:
		return pick(r, "dark", "light", "high contrast")
	}
}

func (r random) cart() Cart {
	c := Cart{Note: pick[any](r, nil, "leave at the door", 3, true)}
	for range r.between(1, 6) {
		line := CartLine{SKU: fmt.Sprintf("SKU-%06d", r.below(1e6)), Count: r.between(1, 4)}
		line.Cents = r.scattered(99, 200_000)
		if r.chance(40) {
			line.Extra = map[string]string{
				"colour": pick(r, "red", "blue"), "size": pick(r, "S", "M", "L"),
			}
		}
		c.Lines = append(c.Lines, line)
	}
	if r.chance(25) {
		c.Vouchers = map[string]float64{"WELCOME": 0.1, fmt.Sprintf("V%d", r.below(100)): 0.05}
	}
	return c
}
