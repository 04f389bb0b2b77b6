// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/capture/receive"
	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/health"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// followReceived judges what comes to a source that listens, until ctx ends. Where the
// whole service stops, it goes on until everything that was taken in is judged: a restart
// of the machine may take the key to the rest.
func (w *watch) followReceived(ctx context.Context, r *run) error {
	rc := w.receiving[r.source.Name]
	if rc == nil {
		return fmt.Errorf("source %s: %w", r.source.Name, errNoReceiver)
	}
	box, err := w.basket(rc, r.pipe != nil)
	if err != nil {
		return err
	}
	work := context.WithoutCancel(ctx)
	if r.pipe != nil {
		mark, _, err := w.store.Bookmark(work, r.source.Name)
		if err != nil {
			return fmt.Errorf("source %s: read its bookmark: %w", r.source.Name, err)
		}
		if err := box.Begin(mark); err != nil {
			return fmt.Errorf("source %s: %w", r.source.Name, err)
		}
	}
	for {
		ended := rc.hasEnded() // before the last look
		n, err := box.Read(work, r.message)
		if err != nil {
			return fmt.Errorf("source %s: %w", r.source.Name, err)
		}
		if w.now().Sub(r.released) >= flushEvery {
			if err := r.flush(work); err != nil {
				return fmt.Errorf("source %s: %w", r.source.Name, err)
			}
			if err := r.release(work, box); err != nil {
				return fmt.Errorf("source %s: %w", r.source.Name, err)
			}
		}
		if ctx.Err() != nil && (n == 0 && ended || !rc.isStopping()) {
			break
		}
		if n == 0 {
			box.Wait(rc.until(ctx), flushEvery)
		}
	}
	if err := r.finish(work); err != nil {
		return fmt.Errorf("source %s: %w", r.source.Name, err)
	}
	return r.release(work, box)
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (rc *receiving) hasEnded() bool   { return closed(rc.ended) }
func (rc *receiving) isStopping() bool { return closed(rc.stopping) }

// until is what a wait for more lines ends with: ctx, or, once that has ended and the
// service stops, nothing but the little time that the receiver still needs.
func (rc *receiving) until(ctx context.Context) context.Context {
	if ctx.Err() == nil {
		return ctx
	}
	select {
	case <-rc.ended:
	case <-time.After(50 * time.Millisecond):
	}
	return ctx
}

// message takes one received line all the way to the pipeline.
func (r *run) message(ctx context.Context, m receive.Message, at safeguard.Position) error {
	return r.line(ctx, &intake.Line{
		Raw: m.Raw, Cut: m.Cut, Torn: m.Torn, Whole: true, Unverified: !m.Verified, Text: 1, Position: at,
	})
}

// release takes away what waited on the disk and is committed by now.
func (r *run) release(ctx context.Context, box basket) error {
	defer func() { r.released = r.now() }()
	if r.pipe == nil {
		return nil
	}
	mark, _, err := r.store.Committed(ctx, r.source.Name)
	if err != nil {
		return fmt.Errorf("read its bookmark: %w", err)
	}
	if st := box.State(); st.Used > st.Max/4 {
		// A store that is locked or damaged takes no bookmark, and holds it in memory. Then
		// it goes where sealed incidents go meanwhile, so that the spool does not fill up
		// with what was judged long ago.
		newest, ok, err := r.store.Bookmark(ctx, r.source.Name)
		if err == nil && ok && newest != mark && r.store.Commit(ctx, &seal.Batch{Bookmarks: []safeguard.Bookmark{newest}}) == nil {
			mark = newest
		}
	}
	return box.Done(mark)
}

// tellReceived moves the metrics of the sources that listen, and says in words what is
// not as it should be.
func (w *watch) tellReceived(now time.Time) []string {
	var out []string
	known := map[string]bool{}
	for _, f := range w.feeds {
		if rc := w.receiving[f.source.Name]; rc != nil {
			known[f.source.Name] = true
			c, st := rc.totals(now)
			f.health.Received(health.Received{Lines: c.Lines, Dropped: c.Dropped, Waiting: float64(st.Used) / float64(max(st.Max, 1))})
			out = append(out, rc.amber(now, st, f.pulse.late(now) || f.health.Quiet(now) == "never")...)
			out = append(out, rc.cert.Amber()...)
		}
	}
	if w.receiving == nil {
		return out
	}
	left, _ := os.ReadDir(receivedFolder(w.cfg))
	for _, e := range left {
		if files, _ := os.ReadDir(filepath.Join(receivedFolder(w.cfg), e.Name())); !known[e.Name()] && len(files) > 0 {
			out = append(out, "Lines wait that were received for source "+e.Name()+", and no such source listens any more. Put it back into sources until they are judged.")
		}
	}
	return out
}

// totals returns what came and what was dropped, and notes when.
func (rc *receiving) totals(now time.Time) (receive.Counts, receive.SpoolState) {
	c := rc.receiver.Counts()
	rc.mu.Lock()
	defer rc.mu.Unlock()
	st := receive.SpoolState{Max: 1}
	if rc.spool != nil {
		st = rc.spool.State()
	}
	c.Dropped[receive.CodeUnread] += st.Unread
	for code, n := range c.Dropped {
		if n > rc.before[code] {
			rc.before[code], rc.at[code] = n, now
		}
	}
	return c, st
}

// spoken is for how long something that was dropped is spoken of.
const spoken = time.Hour

// amber says what is wrong with a source that listens. silent says that nothing is read
// of it: only then do strangers at its door matter, for they may be the filter.
func (rc *receiving) amber(now time.Time, st receive.SpoolState, silent bool) []string {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	var out []string
	name := rc.source.Name
	lately := func(codes ...string) bool {
		for _, code := range codes {
			if at, ok := rc.at[code]; ok && now.Sub(at) < spoken {
				return true
			}
		}
		return false
	}
	if st.Failing {
		out = append(out, "The disk takes nothing of what source "+name+" is sent: it is full or damaged. Senders wait, and what is sent with udp is lost.")
	}
	if st.Used >= st.Max/2 && st.Max > 1 {
		out = append(out, "More than half of the room for lines of source "+name+" is taken: they come faster than they are judged. When it is full, senders wait, and what is sent with udp is lost.")
	}
	if lately(receive.CodeFull, receive.CodeSocket) {
		out = append(out, "Lines of source "+name+" were lost in the last hour: they came faster than they could be taken in. Let the filter send with tcp or tls: then it waits instead.")
	}
	if lately(receive.CodeUnread) {
		out = append(out, "Lines of source "+name+" that waited to be judged could not be read again, and are lost: the machine stopped before, and the key to them was in its memory, or the disk is damaged.")
	}
	if lately(receive.CodeCount) {
		out = append(out, "Somebody sends source "+name+" messages whose length is not what it says. They are passed over. Look at how the sender frames them (octet counting).")
	}
	if lately(receive.CodeConnections) {
		out = append(out, "Source "+name+" has more connections than it takes. Look who opens them, and name only your filters in listen.from.")
	}
	if silent && lately(receive.CodeSender) {
		out = append(out, "Source "+name+" gives no lines, and somebody who is not in its listen.from sends to it. If that is your filter, add its address there.")
	}
	if silent && lately(receive.CodeHandshake) {
		out = append(out, "Source "+name+" gives no lines, and somebody tries to connect without the right certificate. If that is your filter, look at its certificate and at listen.clients and listen.names.")
	}
	return out
}

// listenState says in words how a source listens, and opens what it needs to.
func listenState(src config.Source, i int) ([]string, error) {
	l := src.Listen
	who := "whoever shows a certificate of " + l.Clients
	if len(l.From) > 0 {
		who = fmt.Sprint(l.From)
	}
	out := []string{fmt.Sprintf("Source %s: listens on %s %s for %s.", src.Name, l.Protocol, l.Address, who)}
	if l.Clients == "" {
		out = append(out, "Source "+src.Name+": senders do not have to show who they are, so what lines say of a person counts a grade less. With protocol tls and clients they do.")
	}
	if l.Protocol == receive.TLS {
		cert, _, err := openListenTLS(src, i, zap.NewNop(), time.Now)
		if err != nil {
			return out, err
		}
		for _, a := range cert.Amber() {
			out = append(out, "Amber: "+a)
		}
	}
	return out, nil
}

// exposedOnTheWay says who can read what a source is sent.
func exposedOnTheWay(src config.Source) []api.Exposed {
	if src.Listen.Protocol == receive.TLS || !src.Listens() {
		return nil
	}
	return []api.Exposed{{
		Source: src.Name,
		Say:    "Lines cross the network unencrypted. Whoever sits on the way can read them, and send false ones.",
		Do:     "Let the filter send with TLS: listen.protocol tls, certificate, key and clients in sealwatch.yaml. Where it cannot, keep filter and Sealwatch on a network of their own",
	}}
}
