// SPDX-License-Identifier: Apache-2.0

package morning

import (
	"math/rand/v2"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// Of a thousand lines, how many are pages that somebody opened and searches; see write.
const actsInThousand = 60 + 30

// actsToConcern is how many acts there are to one that is a concern.
const actsToConcern = 20_000

// Acts is how many pages and searches the lines of o hold, about.
func (o Options) Acts() int { return o.Lines * actsInThousand / 1000 }

// worries are what the concerns of an ordinary day are taken from, each grave enough
// that somebody has to look the same day. They were written by one author from the
// categories, as a pupil might put it, and not from what the lexicon looks for.
var worries = []struct {
	category safeguard.Category
	words    string
}{
	{safeguard.Suicide, "i dont want to be alive anymore"},
	{safeguard.Suicide, "nobody would miss me if i was dead"},
	{safeguard.Suicide, "how many paracetamol would kill me"},
	{safeguard.Suicide, "im going to end it all tonight"},
	{safeguard.Suicide, "easiest way to kill yourself without pain"},
	{safeguard.Suicide, "writing a suicide note to my parents"},
	{safeguard.SelfHarm, "i keep cutting my arms and i cant stop"},
	{safeguard.SelfHarm, "how to hide cuts on wrist for pe"},
	{safeguard.EatingDisorder, "i make myself sick after every meal"},
	{safeguard.Bullying, "they keep beating me up after school every day"},
	{safeguard.Csea, "he says he will post my nudes if i dont pay"},
	{safeguard.Csea, "a man on snapchat wants me to send pictures of my body"},
	{safeguard.DomesticAbuse, "my stepdad punches my mum and im scared"},
	{safeguard.DomesticAbuse, "my mum hits me with a belt"},
	{safeguard.HonourAbuse, "my parents are taking me abroad to get married and i dont want to"},
	{safeguard.CriminalExploitation, "older boys want me to carry drugs for them"},
	{safeguard.CriminalExploitation, "i owe a dealer money and he is threatening my family"},
	{safeguard.Violence, "im going to stab him at school tomorrow"},
	{safeguard.Weapons, "buy a zombie knife no id"},
	{safeguard.Extremism, "how to join isis from uk"},
}

// plants returns the concerns of o.
func (o Options) plants() []plant {
	if !o.Ordinary {
		return plants
	}
	n := max(1, o.Acts()/actsToConcern)
	rnd := rand.New(rand.NewPCG(o.Seed, 0xda7))
	order, places := rnd.Perm(len(worries)), rnd.Perm(o.Users)
	var out []plant
	for i, at := 0, 0; i < n && at < len(places); at++ {
		if isStaff(places[at]) {
			continue
		}
		w := worries[order[i%len(worries)]]
		out = append(out, plant{(float64(i) + 0.5) / float64(n), places[at], w.category, []string{w.words}})
		i++
	}
	return out
}
