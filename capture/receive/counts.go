// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"bufio"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
)

// The codes of what was sent and did not become a line.
const (
	CodeSender      = "sender"      // a datagram or connection of somebody who is not on the list
	CodeHandshake   = "handshake"   // a connection that did not come to TLS, or showed no certificate that counts
	CodeConnections = "connections" // a connection beyond the most that are open at a time
	CodeCount       = "count"       // a message whose count of octets cannot be
	CodeFull        = "full"        // a datagram for which there was no room
	CodeSocket      = "socket"      // a datagram that the system dropped before we could read it
	CodeUnread      = "unread"      // a spooled record that could not be opened again
)

// Codes returns all codes.
func Codes() []string {
	return []string{CodeSender, CodeHandshake, CodeConnections, CodeCount, CodeFull, CodeSocket, CodeUnread}
}

// Counts are what came, in totals since the start.
type Counts struct {
	Lines   int64            // that were kept
	Dropped map[string]int64 // by code of Codes
}

// A tally is Counts that many goroutines keep.
type tally struct {
	mu           sync.Mutex
	now          Counts
	socketBefore int64 // of the system's own count, when we began
}

func newTally() *tally { return &tally{now: Counts{Dropped: map[string]int64{}}} }

func (t *tally) drop(code string, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now.Dropped[code] += n
}

func (t *tally) kept(n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now.Lines += n
}

func (t *tally) counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.now
	c.Dropped = maps.Clone(c.Dropped)
	return c
}

// socket asks the system how many datagrams it dropped at our address.
func (t *tally) socket(at netip.AddrPort) {
	n, ok := socketDrops(at)
	if !ok {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if d := n - t.socketBefore; d > t.now.Dropped[CodeSocket] {
		t.now.Dropped[CodeSocket] = d
	}
}

// socketDrops reads what Linux counts for each UDP socket in /proc/self/net/udp and udp6, which a unit
// with ProcSubset=pid sees too:
// the second column ends in the port, the last is the number of drops. ok is false
// where there is no such file or socket.
func socketDrops(at netip.AddrPort) (drops int64, ok bool) {
	port := fmt.Sprintf(":%04X", at.Port())
	for _, name := range []string{"/proc/self/net/udp", "/proc/self/net/udp6"} {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		for s := bufio.NewScanner(f); s.Scan(); {
			fields := strings.Fields(s.Text())
			if len(fields) < 13 || !strings.HasSuffix(fields[1], port) {
				continue
			}
			if n, err := strconv.ParseInt(fields[len(fields)-1], 10, 64); err == nil {
				drops, ok = drops+n, true
			}
		}
		_ = f.Close()
	}
	return drops, ok
}
