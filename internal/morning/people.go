// SPDX-License-Identifier: Apache-2.0

package morning

import (
	"strconv"
)

// person is an account and the network address it mostly sits at.
type person struct {
	account string
	client  string
}

// people makes n accounts, one in twelve of them staff. Pupils are called like
// 21jsmith, the year they joined, an initial and a surname; staff t.jsmith.
func people(n int, seed uint64) []person {
	years, names := 7, len(initials)*len(surnames)
	total := years * names
	out := make([]person, n)
	at := int(seed % uint64(total))
	for i := range out {
		at = (at + stride) % total
		surname, rest := surnames[at%len(surnames)], at/len(surnames)
		initial, year := initials[rest%len(initials)], 19+rest/len(initials)
		out[i].account = strconv.Itoa(year) + string(initial) + surname
		if isStaff(i) {
			out[i].account = "t." + string(initial) + surname
		}
		out[i].client = "10.20." + strconv.Itoa(i/200) + "." + strconv.Itoa(10+i%200)
	}
	return out
}

// stride is a prime that shares no factor with the number of possible names, so
// that a walk by it meets every name once before any comes twice.
const stride = 7919

// isStaff says which places in the list are staff.
func isStaff(i int) bool { return i%12 == 5 }

// initials are of first names; surnames are common ones, and nobody's in particular.
const initials = "abcdefghijklmnoprstw"

var surnames = []string{
	"adams", "ahmed", "akhtar", "ali", "allen", "anderson", "bailey", "baker", "barnes", "begum",
	"bell", "bennett", "brown", "butler", "campbell", "carter", "chapman", "chen", "clark", "collins",
	"cook", "cooper", "cox", "cruz", "davies", "davis", "dixon", "edwards", "ellis", "evans",
	"fisher", "foster", "fox", "gibson", "gill", "graham", "grant", "gray", "green", "griffin",
	"hall", "harris", "harvey", "hill", "holmes", "hughes", "hunt", "hussain", "iqbal", "jackson",
	"james", "jenkins", "johnson", "jones", "kaur", "kelly", "khan", "king", "knight", "kowalski",
	"lee", "lewis", "lloyd", "marshall", "martin", "mason", "miller", "mitchell", "moore", "morgan",
	"morris", "murphy", "murray", "nowak", "okafor", "owen", "palmer", "parker", "patel", "phillips",
	"powell", "price", "reid", "roberts", "robinson", "rogers", "russell", "scott", "shaw", "singh",
	"smith", "stevens", "taylor", "thomas", "turner", "walker", "ward", "watson", "webb", "wright",
}
