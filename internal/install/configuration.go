// SPDX-License-Identifier: Apache-2.0

package install

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Configuration returns sealwatch.yaml: what was chosen, and a comment at everything that
// somebody may want to change. Paths in the folder are relative, so that it can be moved.
func (p *Plan) Configuration() []byte {
	var b strings.Builder
	b.WriteString(`# Sealwatch. docs/config.md says what each key means and what somebody who can change it could do.
# After a change: sealwatch check -c ` + ConfigFile + `

# Which concerns are how urgent, and who is told when. Leadership approves this file when
# they found the school; from then on a change is not run until they approve it.
policy: policy.yaml

# What is kept: sealed items and the record of who opened them. Back it up.
state: state

# The service's own keys. Back them up too, but never into the same place as state.
keys: keys

# Keys of the day. Better on a file system that a restart empties, such as /run/sealwatch.
runtime: run

`)
	p.gate(&b)
	p.sources(&b)
	b.WriteString(`
# Where the filter logs no user names: logs that tell who had which network address.
# leases:
#   - {name: dhcp, path: /var/lib/misc/dnsmasq.leases, format: dnsmasq}

# Lists of hosts that the school has.
# lists:
#   - {name: gambling, path: /var/lib/squidguard/db/gambling, format: squidguard, category: gambling}

# How people are told that something awaits them: the same message every school morning,
# and one at once if something cannot wait. Without a mail server nobody is told, and
# everything says so.
# notices:
#   morning: "07:45"
#   mail:
#     server: smtp.school.example:587
#     from: sealwatch@school.example
#     user: sealwatch@school.example
#     password_file: mail.password

log: {level: info}
`)
	return []byte(b.String())
}

func (p *Plan) gate(b *strings.Builder) {
	b.WriteString("# Where people reach Sealwatch. An address that others can reach needs a certificate.\ngate:\n")
	fmt.Fprintf(b, "  listen: %s\n", strconv.Quote(p.Listen))
	for _, k := range []struct{ key, value, example string }{
		{"url", p.o.URL, "https://sealwatch.school.example"},
		{"certificate", p.o.Certificate, "/etc/sealwatch/certificate.pem"},
		{"key", p.o.Key, "/etc/sealwatch/certificate.key"},
	} {
		if k.value == "" {
			fmt.Fprintf(b, "  # %s: %s\n", k.key, k.example)
			continue
		}
		fmt.Fprintf(b, "  %s: %s\n", k.key, strconv.Quote(k.value))
	}
}

func (p *Plan) sources(b *strings.Builder) {
	zone := zoneHere()
	b.WriteString("\n# The filter's logs. The name stands on pages and in numbers: never a person's.\n# zone is that of times that do not say theirs.\n")
	if len(p.Feeds) == 0 {
		fmt.Fprintf(b, "# Without one nothing can be watched. Take the # away and set the path:\n# sources:\n#   - {name: filter, path: /var/log/squid/access.log, dialect: auto, zone: %s}\n", zone)
		return
	}
	b.WriteString("sources:\n")
	for _, f := range p.Feeds {
		fmt.Fprintf(b, "  - {name: %s, path: %s, dialect: auto, zone: %s}\n", f.Name, strconv.Quote(f.Path), zone)
	}
}

// zoneHere is this machine's time zone, as in the IANA database; a filter on the same machine
// writes in it.
func zoneHere() string {
	name := os.Getenv("TZ")
	if name == "" {
		link, err := filepath.EvalSymlinks("/etc/localtime")
		if err == nil {
			_, name, _ = strings.Cut(filepath.ToSlash(link), "/zoneinfo/")
		}
	}
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return "Europe/London"
	}
	return name
}
