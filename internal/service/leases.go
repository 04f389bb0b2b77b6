// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/capture/lease"
	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/triage"
)

// holders lets triage ask the table of leases without knowing it.
type holders struct{ table *lease.Table }

func (h holders) Who(address []byte, at time.Time) triage.Holder {
	a, err := netip.ParseAddr(string(address))
	if err != nil {
		return triage.Holder{} // the error quotes the address
	}
	w := h.table.Who(a, at)
	return triage.Holder{Account: w.Account, Device: w.Device, Shared: w.Shared}
}

// openLeases makes the table and checks the formats.
func (b *base) openLeases() error {
	b.leases = holders{lease.New(lease.Options{})}
	for _, l := range b.cfg.Leases {
		if lease.Formats[l.Format] == nil {
			return fmt.Errorf("leases: %s: there is no format %q; there are %s: %w", l.Name, l.Format,
				strings.Join(slices.Sorted(maps.Keys(lease.Formats)), ", "), ErrMend)
		}
	}
	return nil
}

// learn follows one log of leases until ctx ends. It begins at the log's start,
// for nothing of it is kept over a restart.
func (b *base) learn(ctx context.Context, l config.Lease) error {
	zone, err := time.LoadLocation(l.Zone)
	if err != nil {
		return fmt.Errorf("leases: %s: zone: %w", l.Name, ErrMend)
	}
	parse := lease.Formats[l.Format](lease.FormatOptions{Zone: zone, Now: b.now})
	tail, err := intake.NewTail(intake.TailOptions{Path: l.Path, Log: b.log.Named("intake").With(zap.String("source", l.Name))})
	if err != nil {
		return fmt.Errorf("leases: %s: %w", l.Name, err)
	}
	return tail.Run(ctx, func(_ context.Context, line *intake.Line) error {
		parse(line.Raw, b.leases.table)
		return nil
	})
}
