// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// TLS reports whether the gate speaks TLS itself.
func (g *Gate) TLS() bool { return g.Certificate != "" && g.Key != "" }

// Address is the address that people use, without a slash at the end.
func (g *Gate) Address() string {
	switch {
	case g.URL != "":
		return strings.TrimSuffix(g.URL, "/")
	case g.TLS():
		return "https://" + g.Listen
	}
	return "http://" + g.Listen
}

// check returns what is wrong with the gate's values.
func (g *Gate) check(demo bool) []string {
	var bad []string
	add := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	a, err := netip.ParseAddrPort(g.Listen)
	switch {
	case err != nil:
		add("gate.listen: must be an address and port such as 127.0.0.1:7443, or 0.0.0.0:7443 for every address of this machine")
	case a.Addr().IsLoopback():
	case demo:
		add("gate.listen: %s is not a loopback address; a demonstration is for this machine only", a.Addr())
	case g.Certificate == "" && g.Key == "":
		add("gate.listen: %s is not a loopback address; set gate.certificate and gate.key, or whoever sits on the network could read and alter what people are sent", a.Addr())
	}
	switch {
	case g.Certificate == "" && g.Key != "":
		add("gate.certificate: missing; key is set, and neither works alone")
	case g.Certificate != "" && g.Key == "":
		add("gate.key: missing; certificate is set, and neither works alone")
	}
	if why := urlFault(g.URL); why != "" {
		add("gate.url: %s", why)
	}
	return bad
}

// urlFault says what is wrong with an address that people shall type.
func urlFault(s string) string {
	if s == "" {
		return ""
	}
	const wanted = "must be an address such as https://sealwatch.school.example"
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "":
		return wanted
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#") || strings.Trim(u.Path, "/") != "":
		return wanted + ", with nothing behind the host but a port"
	case u.Scheme == "https":
		return ""
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return ""
	case u.Scheme == "http":
		return "must begin with https://; a page that comes unencrypted can be altered on the way"
	}
	return wanted
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
