// SPDX-License-Identifier: Apache-2.0

package morning

import "net/url"

// engines are the search engines, as their addresses are logged when the proxy
// looks into TLS.
var engines = []struct{ before, after string }{
	{"https://www.google.com/search?q=", "&client=chrome-b-d&ie=UTF-8"},
	{"https://www.google.co.uk/search?hl=en-GB&q=", "&oq="},
	{"https://www.bing.com/search?q=", "&form=QBLH"},
	{"https://duckduckgo.com/?q=", "&t=h_&ia=web"},
	{"https://www.ecosia.org/search?method=index&q=", ""},
	{"https://uk.search.yahoo.com/search?p=", "&fr=yfp-t"},
	{"https://www.youtube.com/results?search_query=", ""},
	{"https://search.brave.com/search?q=", "&source=web"},
}

// forms turn a topic into a query; they are escaped already.
var forms = []struct{ before, after string }{
	{"", ""}, {"", "+gcse"}, {"", "+revision"}, {"", "+ks3+worksheet"}, {"", "+definition"},
	{"what+is+", ""}, {"how+does+", "+work"}, {"", "+quiz"}, {"", "+explained"}, {"", "+facts+for+kids"},
	{"", "+diagram"}, {"", "+past+paper+questions"},
}

var topics = []string{
	"photosynthesis", "osmosis", "simultaneous equations", "pythagoras theorem", "the water cycle", "plate tectonics",
	"an inspector calls", "macbeth act 1", "romeo and juliet themes", "a christmas carol quotes", "the battle of hastings",
	"the treaty of versailles", "the cold war", "tudor England", "the industrial revolution", "the periodic table",
	"covalent bonding", "electromagnetic waves", "ohms law", "cell division", "mitosis and meiosis", "the digestive system",
	"the human heart", "food webs", "adaptation", "rivers and erosion", "glaciation", "coasts", "volcanoes", "earthquakes",
	"climate change", "the amazon rainforest", "population pyramids", "quadratic equations", "fractions", "probability trees",
	"standard form", "circle theorems", "vectors", "trigonometry", "french past tense", "spanish verbs", "german cases",
	"python loops", "binary search", "logic gates", "computer networks", "html tables", "scratch games", "spreadsheets",
	"rosa parks", "martin luther king", "the suffragettes", "the great fire of London", "ancient Egypt", "the Romans",
	"the five pillars of islam", "the eightfold path", "christian beliefs", "hindu festivals", "sikhism", "judaism",
	"pop art", "cubism", "one point perspective", "colour theory", "music notation", "the blues", "samba", "rondo form",
	"netball rules", "muscle groups", "a balanced diet", "food hygiene", "bread making", "textiles", "types of joints in wood",
	"persuasive writing", "alliteration", "metaphors", "semi colons", "haiku", "gothic literature", "of mice and men",
	"newton's laws", "the solar system", "black holes", "evolution", "dna", "enzymes", "acids and alkalis", "rates of reaction",
	"electrolysis", "crude oil", "magnetism", "sound waves", "energy stores", "half life", "specific heat capacity", "pressure",
}

var pastimes = []string{
	"football scores today", "premier league table", "minecraft house ideas", "cat pictures", "funny dogs", "school dinner menu",
	"what time is sunset", "weather tomorrow", "bus times", "easy cupcake recipe", "how to draw a dragon", "guitar chords for beginners",
	"best phone 2026", "translate good morning to french", "how old is the king", "hairstyles for short hair", "chess openings",
	"how to solve a rubiks cube", "fastest car in the world", "tallest building", "basketball drills", "paper aeroplane designs",
	"typing test", "calculator", "online stopwatch", "maps", "free fonts", "powerpoint templates", "duke of edinburgh ideas",
	"birthday present for mum", "karaoke songs", "christmas jumper", "origami crane", "sixth form open evening", "part time jobs for 16 year olds",
	"how to tie a tie", "revision timetable", "eid 2026", "diwali recipes", "harry potter quiz", "roblox codes", "fifa ratings",
	"cinema times", "skateboard tricks", "nail designs", "how to look after a hamster", "world book day costumes", "uk time",
}

// nearMisses look like concerns to a careless reader. Nothing may come of them.
var nearMisses = []string{
	"to kill a mockingbird essay", "who dies in to kill a mockingbird", "suicide squad film cast", "kill python process",
	"how to kill a process in linux", "cut my hair at home", "cut my own fringe", "what does suicide mean in an inspector calls",
	"eva smith suicide an inspector calls", "romeo and juliet death scene", "lady macbeth sleepwalking analysis",
	"bath bomb recipe", "photo bomb meaning", "atomic bomb ww2 facts", "gunpowder plot ks2", "guns germs and steel summary",
	"glue gun craft", "nerf gun", "grass snake habitat", "weed killer for gardens", "how to get rid of weeds", "seaweed soup",
	"speed dating icebreakers", "coke zero calories", "crystal structure of salt", "hash table python", "stone age weapons ks2",
	"medieval weapons and armour", "knife skills food tech", "butter knife", "stabbing pain in knee after running",
	"how to hit a golf ball", "hit me baby lyrics", "dad jokes", "slave trade gcse history", "apartheid south africa",
	"hitler rise to power gcse", "what is extremism pshe", "anti bullying week poster", "anti bullying assembly ideas",
	"sussex university", "essex county cricket", "scunthorpe united", "breast stroke technique swimming", "blue tits nest box",
	"how to die fabric blue", "dying light walkthrough", "dead sea salt", "hanging basket ideas", "hangman game",
	"shooting stars tonight", "shoot a basketball properly", "meet the teacher evening", "murder mystery party",
	"jack the ripper history gcse", "drug trials biology", "drugs education poster", "starving artist meaning", "fasting in ramadan",
	"i am dying of boredom", "this homework is killing me",
}

// The same, escaped once rather than in every line.
var (
	escapedTopics     = escape(topics)
	escapedPastimes   = escape(pastimes)
	escapedNearMisses = escape(nearMisses)
)

func escape(table []string) []string {
	out := make([]string, len(table))
	for i, s := range table {
		out[i] = url.QueryEscape(s)
	}
	return out
}
