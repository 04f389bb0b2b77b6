// SPDX-License-Identifier: Apache-2.0

package install

import (
	"strings"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// fieldCounts says on how many visits a field stands. It holds no field.
type fieldCounts struct {
	visits                                                       int64
	user, client, device, url, action, category, agent, zone, at int64
}

func (f *fieldCounts) see(v *safeguard.Visit) {
	if v.Unparsed {
		return
	}
	f.visits++
	for _, one := range []struct {
		n   *int64
		yes bool
	}{
		{&f.at, !v.Time.IsZero()},
		{&f.zone, !v.ZoneAssumed},
		{&f.user, !v.User.IsEmpty()},
		{&f.client, !v.Client.IsEmpty()},
		{&f.device, !v.Device.IsEmpty()},
		{&f.url, !v.URL.IsEmpty()},
		{&f.action, v.Action != safeguard.ActionUnknown},
		{&f.category, !v.Category.IsEmpty()},
		{&f.agent, !v.Agent.IsEmpty()},
	} {
		if one.yes {
			*one.n++
		}
	}
}

// missing names the fields that are on no line, in the order of what they are worth.
func (f *fieldCounts) missing() []string {
	out := []string{}
	for _, one := range []struct {
		n    int64
		name string
	}{
		{f.at, "time"}, {f.user, "user name"}, {f.client, "client address"}, {f.url, "full address"}, {f.action, "verdict"},
		{f.zone, "time zone"}, {f.device, "device name"}, {f.category, "category"}, {f.agent, "browser"},
	} {
		if one.n == 0 {
			out = append(out, one.name)
		}
	}
	return out
}

// joined lists names as a sentence does.
func joined(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
