// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Listen is where one source is received over the network.
type Listen struct {
	// Protocol is udp, tcp or tls. With udp, lines are lost and nothing says so. With udp
	// and tcp whoever sits on the network can read what is sent and send lines of their
	// own, so what they say of a person counts a grade less. Required.
	Protocol string `yaml:"protocol"`

	// Address is the IP address and port to listen on, such as 192.0.2.10:6514;
	// 0.0.0.0:6514 is every IPv4 address of this machine. Ports below 1024 need a right
	// that ordinary accounts do not have. Required.
	Address string `yaml:"address"`

	// From are the addresses, or networks such as 10.0.0.0/8, that may send. What
	// others send is counted and not read. Trusted: whoever can send can put words into
	// an account's mouth, at a lower grade. Required, but for a loopback address, where it is
	// this machine, and where clients is set.
	From []string `yaml:"from"`

	// Certificate is the PEM file of this machine's certificate for protocol tls, with
	// those of its issuers behind it. It is read again when it changes. Needs key.
	Certificate string `yaml:"certificate"`

	// Key is the PEM file of the certificate's private key, without a passphrase. A
	// thief of it can pose as this machine and be sent the filter's log: let only the
	// account that runs Sealwatch read it. Needs certificate.
	Key string `yaml:"key"`

	// Clients is the PEM file of the issuers of senders' certificates. With it only a
	// sender whose certificate is of one of them is let in, and is known. Trusted:
	// whoever has a certificate of theirs can send lines that count in full. Optional.
	Clients string `yaml:"clients"`

	// Names are the names of which a sender's certificate must bear one. Set them if
	// the issuer in clients gives certificates to other devices as well. Needs clients.
	Names []string `yaml:"names"`

	// Spool is how many MiB of lines may wait on the disk, sealed, until they were
	// judged, 16 to 65536. Beyond it tcp and tls senders have to wait, and datagrams are dropped
	// and counted. Default 256.
	Spool int `yaml:"spool"`
}

// Listens reports whether the source is received over the network.
func (s *Source) Listens() bool { return s.Listen.isSet() }

func (l *Listen) isSet() bool {
	return l.Protocol != "" || l.Address != "" || len(l.From) > 0 || l.Certificate != "" || l.Key != "" || l.Clients != "" || len(l.Names) > 0 || l.Spool != 0
}

// defaultSpool takes a school's busiest hour: a hundred lines of 700 bytes a second.
const defaultSpool = 256

func (l *Listen) setDefaults() {
	if !l.isSet() {
		return
	}
	if l.Spool == 0 {
		l.Spool = defaultSpool
	}
	if a, err := netip.ParseAddrPort(l.Address); err == nil && a.Addr().IsLoopback() && len(l.From) == 0 {
		l.From = []string{"127.0.0.0/8", "::1"}
	}
}

// Senders returns From as networks; nil: whoever shows a certificate.
func (l *Listen) Senders() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range l.From {
		if p, ok := parseSender(text); ok {
			out = append(out, p)
		}
	}
	return out
}

func parseSender(text string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err == nil && !p.Addr().Is4In6()
}

// check returns what is wrong, each under its key below listen.
func (l *Listen) check() []string {
	var bad []string
	add := func(key, format string, args ...any) {
		bad = append(bad, "listen."+key+": "+fmt.Sprintf(format, args...))
	}
	if !slices.Contains([]string{"udp", "tcp", "tls"}, l.Protocol) {
		add("protocol", "must be udp, tcp or tls")
	}
	if a, err := netip.ParseAddrPort(l.Address); err != nil || a.Port() == 0 {
		add("address", "must be an IP address and a port such as 192.0.2.10:6514, or 0.0.0.0:6514 for every IPv4 address of this machine")
	} else if len(l.From) == 0 && l.Clients == "" {
		add("from", "missing; name the addresses or networks that may send, or anybody on the network could")
	}
	for _, text := range l.From {
		if p, ok := parseSender(text); !ok {
			add("from", "%s is neither an IP address nor a network such as 10.0.0.0/8", text)
		} else if p.Bits() == 0 {
			add("from", "%s is everybody; name the networks of your filter", text)
		}
	}
	bad = append(bad, l.checkTLS()...)
	if l.Spool < 16 || l.Spool > 65536 {
		add("spool", "must be from 16 to 65536, in MiB")
	}
	return bad
}

func (l *Listen) checkTLS() []string {
	var bad []string
	add := func(key, text string) { bad = append(bad, "listen."+key+": "+text) }
	if l.Protocol != "tls" {
		for _, k := range []struct {
			key string
			set bool
		}{{"certificate", l.Certificate != ""}, {"key", l.Key != ""}, {"clients", l.Clients != ""}, {"names", len(l.Names) > 0}} {
			if k.set {
				add(k.key, "needs protocol: tls")
			}
		}
		return bad
	}
	if l.Certificate == "" {
		add("certificate", "missing; protocol tls needs one")
	}
	if l.Key == "" {
		add("key", "missing; protocol tls needs one")
	}
	if len(l.Names) > 0 && l.Clients == "" {
		add("names", "needs clients")
	}
	if slices.ContainsFunc(l.Names, func(n string) bool { return strings.TrimSpace(n) == "" }) {
		add("names", "one of them is empty")
	}
	return bad
}
