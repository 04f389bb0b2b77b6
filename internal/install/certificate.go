// SPDX-License-Identifier: Apache-2.0

package install

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
)

// certificate checks that the certificate is one, that it is for the host, and that it
// has not ended.
func (p *Plan) certificate(host string) error {
	cert, key := p.o.Certificate, p.o.Key
	switch {
	case cert == "" && key == "":
		return nil
	case cert == "":
		return errors.New("--certificate: missing; --key alone is of no use")
	case key == "":
		return errors.New("--key: missing; --certificate alone is of no use")
	}
	var faults []error
	for _, f := range []struct{ flag, path string }{{"--certificate", cert}, {"--key", key}} {
		if file, err := os.Open(f.path); errors.Is(err, os.ErrNotExist) {
			faults = append(faults, fmt.Errorf("%s %s: there is no such file", f.flag, f.path))
		} else if err != nil {
			faults = append(faults, fmt.Errorf("%s %s: this account may not read it", f.flag, f.path))
		} else {
			_ = file.Close()
		}
	}
	if len(faults) > 0 {
		return errors.Join(faults...)
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return errors.New("--certificate and --key: they are not a certificate and its key in PEM form, or do not belong together")
	}
	if now := p.o.Now(); now.After(pair.Leaf.NotAfter) {
		faults = append(faults, fmt.Errorf("--certificate %s: it ended on %s", cert, pair.Leaf.NotAfter.Format("2 January 2006")))
	}
	if host != "" && pair.Leaf.VerifyHostname(host) != nil {
		faults = append(faults, fmt.Errorf("--certificate %s: it is not for %s, so browsers would refuse to open the page", cert, host))
	}
	return errors.Join(faults...)
}
