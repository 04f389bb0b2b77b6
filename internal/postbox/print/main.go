// SPDX-License-Identifier: Apache-2.0

// Command print is the mail server of the demonstration: it takes every message on a
// loopback address and prints whom it is for and what it says. It delivers nothing.
package main

import (
	"context"
	"fmt"
	"mime"
	"net/mail"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/sealwatch/sealwatch/internal/postbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var one sync.Mutex // letters come side by side
	p, err := postbox.Open("127.0.0.1:0", func(l postbox.Letter) {
		one.Lock()
		defer one.Unlock()
		fmt.Print(card(l))
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("listening on %s\n", p.Addr)
	<-ctx.Done()
	_ = p.Close()
}

// card is a letter as a locked phone shows it: when, whom it is for, the subject.
func card(l postbox.Letter) string {
	m, err := mail.ReadMessage(strings.NewReader(l.Text))
	if err != nil {
		return fmt.Sprintf("  ✉ %s  %s: a letter that cannot be read\n", l.At.Format("15:04:05"), l.To)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		subject = m.Header.Get("Subject")
	}
	return fmt.Sprintf("  ✉ %s  %-32s %s\n", l.At.Format("15:04:05"), l.To, subject)
}
