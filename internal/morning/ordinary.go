// SPDX-License-Identifier: Apache-2.0

package morning

import (
	"math/rand/v2"
	"net/url"
	"strings"
)

// An ordinary day's searches are made from sentences with gaps, so that no two days
// and hardly two pupils ask the same. They were written from what pupils do all day,
// lessons, games, music, sport, shops, each other, and not from what the lexicon looks
// for; words such as kill, shot, die, high and drug come up in them as often as they
// come up in a school.

// asked are the sentences. A gap in braces is filled from the table of its name.
var asked = map[string][]string{
	"lesson": {
		"{topic}", "{topic} {level}", "what is {topic}", "{topic} explained", "{topic} {level} worksheet", "{topic} revision notes", "{topic} bbc bitesize",
		"how does {topic} work", "why is {topic} important", "{topic} diagram labelled", "{topic} quiz", "{topic} past paper {level}",
		"{topic} key words", "{topic} vs {topic}", "difference between {topic} and {topic}", "{topic} 9 mark question", "facts about {topic} for year {year}",
		"{topic} powerpoint", "{topic} mind map", "examples of {topic} in real life", "who discovered {topic}", "{topic} required practical method",
	},
	"essay": {
		"{book} summary", "{book} chapter {number} summary", "{book} quotes about {theme}", "how is {theme} presented in {book}", "{theme} in {book} essay {level}",
		"who is the villain in {book}", "why does {someone} die in {book}", "{book} character list", "{book} context", "poems about {theme}", "short story ideas about {theme}",
		"synonyms for {adjective}", "another word for {adjective}", "how to start an essay on {theme}", "persuasive speech topics about {theme}",
	},
	"past": {
		"when did {event} start", "causes of {event}", "how many people died in {event}", "{event} timeline", "who won {event}", "{event} source questions", "weapons used in {event}",
		"why did {event} happen", "life as a soldier in {event}", "{event} key people", "was {event} justified essay", "{event} ks3", "what did people eat in {event}",
	},
	"maths": {
		"{number} times {number}", "what is {number} percent of {number}", "{number}{number} divided by {number}", "how to find the area of a {shape}", "{shape} angles sum", "probability of rolling a {number} on a dice",
		"dr frost maths {topic}", "sparx answers {number}", "how many {unit} in {number} {unit}", "convert {number} {unit} to {unit}", "square root of {number}{number}",
	},
	"tongue": {
		"how do you say {thing} in {language}", "{adjective} in {language}", "translate my {person} is {adjective} to {language}", "{language} verbs list", "{language} speaking exam questions",
		"how to pronounce {thing} in {language}", "{language} gcse photo card", "useful phrases {language}",
	},
	"game": {
		"how to beat {enemy} in {game}", "how to kill {enemy} {game}", "{game} codes", "{game} {weapon} tier list", "best {weapon} in {game}", "{game} update {month}", "{game} unblocked", "how to get {item} in {game}",
		"{game} skins", "{game} wiki {enemy}", "why do i keep dying in {game}", "{game} speedrun record", "is {game} down", "{game} on chromebook", "{game} map", "how long is {game}", "{game} hide and seek codes",
		"how to shoot better in {game}", "{game} no damage run", "{game} funny deaths", "{game} vs {game}", "{game} easter eggs", "how to spawn {enemy} in {game}", "{game} headshot settings", "how to respawn faster {game}",
	},
	"music": {
		"{song} lyrics", "{song} chords", "{song} piano easy", "{band} new album", "{band} tour {month}", "{genre} playlist", "{genre} type beat", "best {genre} songs to run to", "how to play {song} on {instrument}",
		"{band} members ages", "{song} sped up", "{song} 1 hour", "who sings {song}", "{instrument} grade {year} pieces", "sad songs to cry to", "{genre} remix {song}",
	},
	"sport": {
		"{team} score", "{team} fixtures {month}", "{team} vs {team} highlights", "{team} kit", "how to hit a {ball}", "best {sport} drills", "{sport} rules", "how to shoot in {sport}", "{sport} boots cheap", "{sport} trials near me",
		"{team} transfer news", "how long is a {sport} match", "{sport} injuries {part}", "how to get faster at {sport}", "{sport} warm up", "how to get rid of {part} pain after {sport}", "penalty shoot out {team}", "who is the best {sport} player",
	},
	"shop": {
		"{colour} {clothes}", "{clothes} {shop}", "cheap {clothes} for {person}", "{gadget} price", "{gadget} under {number}0 pounds", "best {gadget} {year}026", "{shop} opening times", "{shop} near me", "{gadget} not charging", "how to reset {gadget}",
		"{gadget} vs {gadget}", "gift ideas for {person}", "{colour} {clothes} prom", "what size {clothes} am i", "{gadget} screen repair near me", "where to buy {food} near me", "buy {gadget} second hand", "{shop} student discount",
	},
	"self": {
		"how to get rid of {ailment}", "why do i have {ailment}", "is {ailment} normal at {year}", "how to stop {habit}", "how to sleep before {occasion}", "what to wear to {occasion}", "how to revise for {occasion}", "how tall will i be at {number}",
		"how to make friends in year {year}", "how to tell if someone likes you", "what to say to a friend who is {adjective}", "i feel {feeling} about {occasion}", "i hate {topic}", "my {person} is so {adjective}", "i want to be a {job}", "how to become a {job}",
		"am i {adjective} quiz", "which {game} character am i", "i am so {feeling}", "my {pet} died", "my {pet} hit its {part}", "how to ask {person} for a {gadget}", "my {person} wont let me have {gadget}", "how to cut my own {hair}", "my {part} is killing me",
		"cant stop laughing", "how much {food} is too much", "how to get fit in {number} weeks", "what to do when you are bored", "i lost my {thing}", "how to hide {thing} from my {person}", "secret santa ideas for {person}", "my {person} snores so loud",
	},
	"home": {
		"how to cook {food}", "{food} recipe easy", "how to make {food} without {food}", "how to cut {food}", "{food} calories", "how long to boil {food}", "is {food} bad for {pet}", "how to kill {pest}", "get rid of {pest} in {place}", "{pest} bite", "how to train a {pet}", "{pet} names",
		"how to grow {plant}", "{plant} killing other plants", "how to build a {thing}", "paint {thing} {colour}", "how to hang a {thing} on the wall", "how hot does {food} have to be", "how to clean {thing}", "{pet} rescue {place}",
	},
	"town": {
		"{place} weather", "{place} to {place} train", "things to do in {place}", "{place} cinema times", "what to see in {place}", "how far is {place} from {place}", "{place} bus times", "{place} news", "{place} school term dates", "population of {place}", "{place} crime rate geography", "{place} map", "capital of {country}", "{country} flag", "{country} food", "is {country} safe to visit",
	},
	"screen": {
		"{film} cast", "{film} trailer", "{film} age rating", "when does {film} come out", "who dies in {film}", "{film} ending explained", "{film} quiz", "films like {film}", "{film} costume", "is {film} on netflix", "{film} memes", "{film} fan art", "{film} season {number}", "best scary films for {year} year olds", "funny {pet} videos", "{film} villain name",
	},
	"computing": {
		"python {code} example", "how to kill a {process} on {system}", "{system} {code} error", "{code} in scratch", "how to stop a {process} running", "{system} shortcut for {code}", "how to screenshot on {system}", "why is my {system} so slow", "html {code}", "binary of {number}{number}", "how to install {process} on {system}", "python dictionary {code}", "{system} wont turn on", "sql {code}", "delete {process} {system}", "how to hide taskbar {system}",
	},
	"world": {
		"{issue} facts", "{issue} statistics uk", "arguments for and against {issue}", "{issue} pshe lesson", "effects of {issue} on the body", "is {issue} legal in {country}", "{issue} charity", "{issue} poster ideas", "{religion} festivals", "what do {religion} believe about {issue}", "{religion} place of worship", "should {issue} be banned", "{issue} debate points", "{issue} in the news today",
	},
	"chat": {
		"write me a paragraph about {topic}", "explain {topic} like i am {year}", "give me {number} ideas for {occasion}", "check my spelling {topic} is {adjective}", "can you make a quiz on {topic}", "write a poem about my {pet}", "what should i name my {pet}", "give me a recipe with {food} and {food}", "write a story about a {job} in {place}", "summarise {book} in {number} sentences", "pretend you are a {job} in {event}", "how do i apologise to my {person}", "tell me a joke about {pet}s", "help me with {topic} homework",
	},
}

// kinds says how often each kind of sentence is asked.
var kinds = []string{
	"lesson", "lesson", "lesson", "lesson", "essay", "essay", "past", "past", "maths", "tongue", "game", "game", "game", "music", "music", "sport", "sport",
	"shop", "self", "self", "home", "town", "screen", "computing", "world", "chat",
}

// askedOf are where words are typed on an ordinary day: engines, shops, chats.
var askedOf = []struct{ before, after string }{
	{"https://www.google.com/search?q=", "&client=chrome-b-d&ie=UTF-8"}, {"https://www.google.com/search?q=", "&sca_esv=1&udm=2"}, {"https://www.google.co.uk/search?hl=en-GB&q=", "&oq="},
	{"https://www.bing.com/search?q=", "&form=QBLH"}, {"https://duckduckgo.com/?q=", "&t=h_&ia=web"}, {"https://www.youtube.com/results?search_query=", ""}, {"https://www.youtube.com/results?search_query=", ""},
	{"https://www.tiktok.com/search?q=", ""}, {"https://www.pinterest.co.uk/search/pins/?q=", "&rs=typed"}, {"https://www.amazon.co.uk/s?k=", "&ref=nb_sb_noss"}, {"https://www.ebay.co.uk/sch/i.html?_nkw=", ""},
	{"https://www.reddit.com/search/?q=", ""}, {"https://chatgpt.com/?q=", ""}, {"https://www.perplexity.ai/search?q=", ""}, {"https://www.ecosia.org/search?method=index&q=", ""},
}

// ordinary returns an ordinary search, escaped. One in sixteen is mistyped.
func ordinary(rnd *rand.Rand) string {
	text := fill(rnd, pick(rnd, asked[pick(rnd, kinds)]))
	if rnd.IntN(16) == 0 {
		text = mistype(rnd, text)
	}
	return url.QueryEscape(text)
}

// Searches returns n ordinary searches, as typed: the same ones for the same seed.
func Searches(n int, seed uint64) []string {
	rnd := rand.New(rand.NewPCG(seed, 0x5ea2))
	out := make([]string, n)
	for i := range out {
		out[i], _ = url.QueryUnescape(ordinary(rnd)) // it was escaped a moment ago
	}
	return out
}

// fill replaces each gap of a sentence.
func fill(rnd *rand.Rand, sentence string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(sentence, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		gap, after, _ := strings.Cut(rest, "}")
		b.WriteString(pick(rnd, gaps[gap]))
		sentence = after
	}
}

// mistype leaves out a letter, doubles one or exchanges two.
func mistype(rnd *rand.Rand, s string) string {
	if len(s) < 4 {
		return s
	}
	at := 1 + rnd.IntN(len(s)-2)
	switch rnd.IntN(3) {
	case 0:
		return s[:at] + s[at+1:]
	case 1:
		return s[:at] + s[at:at+1] + s[at:]
	}
	return s[:at] + s[at+1:at+2] + s[at:at+1] + s[at+2:]
}
