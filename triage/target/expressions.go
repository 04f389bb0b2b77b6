// SPDX-License-Identifier: Apache-2.0

package target

import (
	"bytes"

	"golang.org/x/net/publicsuffix"
)

// Expressions appends to dst what a hashed list may hold of a canonical address,
// after Safe Browsing v5: the host itself and, from the registered domain on, up
// to four that it lies below; with each of them the path with its query, the path,
// and up to four beginnings of the path that end in "/". The hash of a list is
// SHA-256 of one of them. path is empty where only the host is known: then only
// whole hosts can be listed.
func Expressions(dst [][]byte, host, path []byte) [][]byte {
	hosts := [][]byte{host}
	if !isAddress(host) {
		hosts = appendSuffixes(hosts, host)
	}
	paths := [][]byte{[]byte("/")}
	if len(path) > 0 {
		paths = pathPrefixes(path)
	}
	for _, h := range hosts {
		for _, p := range paths {
			dst = append(dst, append(append(make([]byte, 0, len(h)+len(p)), h...), p...))
		}
	}
	return dst
}

// appendSuffixes appends up to four domains that host lies below, beginning with
// the registered one: what is under a public suffix is nobody's.
func appendSuffixes(dst [][]byte, host []byte) [][]byte {
	// The package's error, which quotes the host, is dropped.
	registered, err := publicsuffix.EffectiveTLDPlusOne(string(host))
	if err != nil {
		return dst
	}
	at := len(host) - len(registered)
	for range 4 {
		if at <= 0 {
			break
		}
		dst = append(dst, host[at:])
		i := bytes.LastIndexByte(host[:at-1], '.')
		if i < 0 {
			break
		}
		at = i + 1
	}
	return dst
}

func pathPrefixes(path []byte) [][]byte {
	clean, _, has := bytes.Cut(path, []byte("?"))
	var all [][]byte
	if has {
		all = append(all, path)
	}
	all = append(all, clean)
	for i, n := 0, 0; i < len(clean)-1 && n < 4; i++ {
		if clean[i] == '/' {
			all = append(all, clean[:i+1])
			n++
		}
	}
	return all
}

// isAddress reports whether a canonical host is a network address.
func isAddress(host []byte) bool {
	if len(host) == 0 {
		return false
	}
	last := host[len(host)-1]
	if host[0] == '[' {
		return true
	}
	i := bytes.LastIndexByte(host, '.')
	return last >= '0' && last <= '9' && i >= 0 && host[i+1] >= '0' && host[i+1] <= '9' && bytes.Count(host, []byte(".")) == 3
}
