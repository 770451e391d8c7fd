package memsizehttp

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// local tells whether a request comes from this machine, to this machine by a name of its own, and
// not by way of a proxy. A page of another site whose name was made to point here (DNS rebinding)
// asks for a host of that name.
func local(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	return loopback(r.RemoteAddr) && (loopback(r.Host) || localhost(r.Host))
}

// loopback tells whether an address, with or without a port, is one of this machine's own.
func loopback(address string) bool {
	ip, err := netip.ParseAddr(host(address))
	return err == nil && ip.Unmap().IsLoopback()
}

// localhost tells whether a host is a name that always means this machine (RFC 6761).
func localhost(address string) bool {
	name := strings.TrimSuffix(strings.ToLower(host(address)), ".")
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// host is an address without its port and brackets.
func host(address string) string {
	if h, _, err := net.SplitHostPort(address); err == nil {
		return h
	}
	return strings.TrimSuffix(strings.TrimPrefix(address, "["), "]")
}

// unasked tells whether a GET was not asked for by a person who is here: by a page of another site,
// or by a browser in advance. It is served, and makes no walk.
func unasked(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "cross-site" || site == "same-site" ||
		r.Header.Get("Purpose") == "prefetch" || r.Header.Get("Sec-Purpose") != ""
}
