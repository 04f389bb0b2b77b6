// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// setTarget puts what was asked for into v: URL, or Host for a tunnel. It
// returns ErrNoise where the proxy talks of itself, and ErrTarget for what is
// neither an absolute address nor a host. v.Method is already set.
func setTarget(b []byte, slab *secret.Slab, v *safeguard.Visit) error {
	if v.Method == safeguard.MethodConnect {
		return setTunnel(b, slab, v)
	}
	i := bytes.IndexByte(b, ':')
	if i > 0 && bytes.HasPrefix(b[i:], []byte("://")) {
		if string(b[:i]) == "cache_object" {
			return ErrNoise // the cache manager's own pages
		}
		if !isScheme(b[:i]) || !isAuthority(b[i+3:]) {
			return ErrTarget
		}
		v.URL, v.Evidence = slab.Text(b), safeguard.EvidenceURL
		return nil
	}
	if isOwnError(b) || v.Method == safeguard.MethodNone && len(present(b)) == 0 {
		return ErrNoise
	}
	return ErrTarget
}

// setTunnel reads host:port. A slash behind has been seen.
func setTunnel(b []byte, slab *secret.Slab, v *safeguard.Visit) error {
	if isOwnError(b) {
		return ErrNoise
	}
	b = bytes.TrimSuffix(b, []byte("/"))
	if len(present(b)) == 0 || !isAuthority(b) || bytes.IndexByte(b, '/') >= 0 {
		return ErrTarget
	}
	v.Host, v.Evidence = slab.Text(b), safeguard.EvidenceHost
	return nil
}

// isOwnError reports whether b stands for a request that never became one, such
// as error:transaction-end-before-headers.
func isOwnError(b []byte) bool { return bytes.HasPrefix(b, []byte("error:")) }

// isScheme follows RFC 3986 section 3.1.
func isScheme(b []byte) bool {
	if !isLetter(b[0]) {
		return false
	}
	for _, c := range b[1:] {
		if !isLetter(c) && !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// isAuthority reports whether b starts with a host: not empty, and closed if it
// is in brackets. What the host is made of is for triage to judge.
func isAuthority(b []byte) bool {
	if i := bytes.IndexAny(b, "/?#"); i >= 0 {
		b = b[:i]
	}
	if len(b) == 0 || b[0] == ':' {
		return false
	}
	if b[0] == '[' {
		return bytes.IndexByte(b, ']') > 1
	}
	return true
}
