// SPDX-License-Identifier: Apache-2.0

package founding

import (
	"fmt"
	"strings"

	"github.com/sealwatch/sealwatch/internal/seal"
)

// configuration writes sealwatch.yaml. Paths are relative, so that the folder
// can be moved.
func (f *founder) configuration() error {
	return f.write(fmt.Appendf(nil, `# DEMO. A demonstration school: invented people, invented lists, loopback only.
school: {name: %q, demo: true}
manifest: manifest.json
root: %s
policy: policy.yaml
state: state
runtime: run
keys: keys
gate: {listen: %s}
sources:
  - {name: proxy, path: access.log, dialect: auto, zone: Europe/London}
lists:
  - {name: demo-illegal, path: lists/illegal, format: squidguard, category: csam, illegal: true}
  - {name: demo-gambling, path: lists/gambling, format: squidguard, category: gambling}
log: {level: info}
%s`, schoolName, f.keys["head"].Root, yamlText(f.listen), f.notices()), "sealwatch.yaml")
}

// notices is the part of the configuration about mail, if there is a server.
func (f *founder) notices() string {
	if f.Mail == "" {
		return ""
	}
	return fmt.Sprintf("notices: {zone: Europe/London, mail: {server: %s, tls: none, from: sealwatch@%s.example}}\n", yamlText(f.Mail), schoolID)
}

// lists writes two small lists in squidGuard's form. Their entries are made up:
// .example and .test cannot exist.
func (f *founder) lists() error {
	for _, l := range []struct{ folder, file, content string }{
		{"illegal", "domains", "listed-illegal.example\nlisted-illegal-two.test\n"},
		{"illegal", "urls", "hosting.example/listed/illegal/page\n"},
		{"gambling", "domains", "bets.example\nslots.test\n"},
	} {
		if err := f.write([]byte(l.content), "lists", l.folder, l.file); err != nil {
			return err
		}
	}
	return nil
}

// paper writes the two printed sheets. In a real school they are printed once,
// put into sealed envelopes, and no file is left.
func (f *founder) paper() error {
	for _, s := range []struct {
		file, title, use string
		key              seal.Identity
	}{
		{"recovery.txt", "RECOVERY SHEET", "Opens every item together with the share vault, if all readers’ keys are lost.", f.recovery},
		{"handover.txt", "HAND-OVER SHEET", "Opens what touches a list of illegal addresses. For the police, never for use in the school.", f.handover},
	} {
		text := fmt.Sprintf("DEMO · %s · %s\n\n%s\n\n%s\n", s.title, schoolName, s.use, s.key.Secret())
		if err := f.write([]byte(strings.TrimLeft(text, "\n")), "paper", s.file); err != nil {
			return err
		}
	}
	return nil
}

// yamlText quotes what YAML would take for something else: "[::1]:7443" for a list.
func yamlText(s string) string {
	if strings.HasPrefix(s, "[") {
		return fmt.Sprintf("%q", s)
	}
	return s
}
