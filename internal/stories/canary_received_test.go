// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// sendCanary sends n events to a source that listens, each in a frame of syslog that
// holds markers itself, and returns what was sent and what lay on the disk meanwhile.
func sendCanary(t testing.TB, s *school, protocol, address string, first, n int) (*canaryLog, output) {
	t.Helper()
	c := newCanaryLog(first, n)
	conn, err := net.Dial(protocol, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	waits := output{name: "what waits of " + protocol}
	for i, line := range c.lines {
		message := fmt.Sprintf("<134>1 2026-07-20T08:00:00Z %s %s - - - %s", c.mark(first+i, "sender"), c.mark(first+i, "program"), line)
		if protocol == "tcp" {
			message = fmt.Sprintf("%d %s", len(message), message)
		}
		if _, err := conn.Write([]byte(message)); err != nil && protocol == "tcp" {
			t.Fatal(err) // a datagram may be longer than the system sends
		}
		if i%10 == 9 {
			time.Sleep(30 * time.Millisecond)
			waits.text += spooled(s)
		}
	}
	// What no framer and no TLS would take, and somebody who goes away in the middle.
	bad := c.mark(first, "bad count")
	_, _ = fmt.Fprintf(conn, "0 <%s>99999999999 %s\n4 <1>%s", bad, bad, bad)
	for end := time.Now().Add(5 * time.Second); waits.text == "" && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		waits.text += spooled(s)
	}
	if waits.text == "" {
		t.Errorf("nothing of %s was ever seen on the disk; the canary does not look at what waits", protocol)
	}
	return c, waits
}

// spooled returns the bytes of all files in which lines wait.
func spooled(s *school) string {
	var b bytes.Buffer
	names, _ := filepath.Glob(s.path("state", "received", "*", "*"))
	for _, name := range names {
		data, _ := os.ReadFile(name)
		b.Write(data)
	}
	return b.String()
}
