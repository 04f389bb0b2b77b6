// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwatch/sealwatch/alerts"
	"github.com/sealwatch/sealwatch/alerts/channel"
	"github.com/sealwatch/sealwatch/internal/health"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// mailer gives the mail channel the shape that alerts ask for.
type mailer struct{ *channel.Mail }

func (m mailer) Send(ctx context.Context, msg alerts.Message) error {
	return m.Mail.Send(ctx, msg.Subject, msg.Text, msg.To)
}

// openDesk returns the desk that tells people, or nil where no mail server is set.
func (w *watch) openDesk(context.Context) error {
	n := &w.cfg.Notices
	if n.Mail.Server == "" || !w.monitoring() {
		return nil
	}
	mail, err := openMail(n.Mail)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(n.Zone)
	if err != nil {
		return errors.Join(err, ErrMend)
	}
	w.desk, err = alerts.New(alerts.Options{
		Store: w.store, Keeper: w.school.keys.Keeper, Manifest: func() *people.Manifest { return w.school.manifest },
		Channel: mailer{mail}, Mornings: alerts.Mornings{At: n.At(), Days: n.Weekdays(), Zone: zone},
		Patience: w.patience(), Log: w.log.Named("alerts"), Now: w.now, TestOnlyPoint: w.point,
	})
	if err != nil {
		return fmt.Errorf("prepare notices: %w", err)
	}
	return nil
}

// patience is how long the safeguarding team has before the headteacher is told of a
// report too: as long as for what cannot wait.
func (w *watch) patience() time.Duration {
	const otherwise = 30 * time.Minute
	if steps := w.school.policy.Ladder(safeguard.ClassPupil, safeguard.LevelCritical); len(steps) > 1 && steps[1] > 0 {
		return steps[1]
	}
	return otherwise
}

// lateAfter is how long the morning's message may wait for the mail server before that is
// said: longer than greylisting makes it wait.
const lateAfter = 30 * time.Minute

// when says a time as the school's clocks show it.
func (w *watch) when(t time.Time) string {
	if zone, err := time.LoadLocation(w.cfg.Notices.Zone); err == nil {
		t = t.In(zone)
	}
	return t.Format("Monday 15:04")
}

// told is how the morning's message goes.
func (w *watch) told() health.Told {
	if w.desk == nil {
		return health.Told{}
	}
	m := w.desk.Mornings()
	return health.Told{Waiting: m.People, Since: m.Since}
}

// wakeDesk tells the desk that items were stored.
func (w *watch) wakeDesk() {
	if w.desk != nil {
		w.desk.Wake()
	}
}

// noticesAmber says what keeps people from being told, in words. It does not depend
// on whether anybody was to be told anything.
func (w *watch) noticesAmber() []string {
	if !w.monitoring() {
		return nil
	}
	if w.desk == nil {
		return []string{"Nobody is told by mail: no mail server is set. Readers must look by themselves. A technician sets notices.mail in the configuration."}
	}
	var out []string
	failing, known := w.desk.State()
	w.metrics.Channel(health.ChannelMail, known && failing == nil)
	if failing != nil {
		out = append(out, "Notices cannot be sent: "+failing.Error()+". They wait and go out when it can. A technician looks at notices.mail in the configuration.")
	}
	if m := w.desk.Mornings(); m.People > 0 && w.now().Sub(m.Since) > lateAfter {
		out = append(out, fmt.Sprintf("The morning's message has not reached %d of those who read, the first of them since %s. It waits and is tried again. "+
			"A technician looks whether the mail server refuses an address; the headteacher corrects it in the list of people.", m.People, w.when(m.Since)))
	}
	without := 0
	for _, p := range w.school.manifest.People() {
		if p.Mail == "" && !p.Has(safeguard.RoleTechnician) {
			without++
		}
	}
	if without > 0 {
		out = append(out, fmt.Sprintf("%d of those who read have no mail address in the manifest and are not told by mail. The headteacher adds it.", without))
	}
	return out
}
