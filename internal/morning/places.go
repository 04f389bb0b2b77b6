// SPDX-License-Identifier: Apache-2.0

package morning

// tunnels are CONNECT targets: what is seen of a connection nobody looked into.
var tunnels = []string{
	"portal.school.example:443", "mail.school.example:443", "files.school.example:443", "login.id.example:443",
	"cdn.static.example:443", "fonts.static.example:443", "img.static.example:443", "api.lessons.example:443",
	"www.lessons.example:443", "maths.homework.example:443", "science.homework.example:443", "reading.homework.example:443",
	"video.media.example:443", "stream.media.example:443", "radio.media.example:443", "news.press.example:443",
	"weather.press.example:443", "docs.office.example:443", "sheets.office.example:443", "chat.office.example:443",
	"meet.office.example:443", "store.apps.example:443", "push.apps.example:443", "games.play.example:443",
	"www.encyclopaedia.example:443", "maps.atlas.example:443", "code.lab.test:443", "printer.lab.test:443",
	"quiz.class.test:443", "whiteboard.class.test:443", "ads.network.example:443", "stats.network.example:443",
	"www.google.com:443", "www.bing.com:443", "duckduckgo.com:443", "www.youtube.com:443", "time.sync.invalid:443",
}

// sites are pages that the proxy looked into.
var sites = []string{
	"www.lessons.example", "maths.homework.example", "science.homework.example", "reading.homework.example",
	"www.encyclopaedia.example", "news.press.example", "weather.press.example", "maps.atlas.example", "museum.culture.example",
	"library.culture.example", "sport.clubs.example", "recipes.kitchen.example", "portal.school.example", "quiz.class.test",
	"code.lab.test", "careers.advice.example", "transport.town.example", "shop.stationery.example", "art.gallery.example",
}

var paths = []string{
	"/", "/index.html", "/lesson/12", "/lesson/37?page=2", "/topics/rivers", "/topics/poetry", "/year8/week3", "/year10/week5",
	"/article/20261123-town-fair", "/help", "/about", "/timetable", "/book/2041/chapter/3", "/quiz/88/start", "/map?lat=51.27&lon=0.52",
	"/results?team=under-14", "/menu/monday", "/search?category=science", "/wiki/Photosynthesis", "/wiki/River", "/wiki/Shakespeare",
}

var assets = []struct{ path, ending, kind string }{
	{"/static/img/", ".png", "image/png"},
	{"/photos/", ".jpg", "image/jpeg"},
	{"/static/css/main-", ".css", "text/css"},
	{"/static/js/app-", ".js", "application/javascript"},
	{"/fonts/f", ".woff2", "font/woff2"},
	{"/icons/", ".svg", "image/svg+xml"},
	{"/thumbs/t", ".webp", "image/webp"},
}

// updaters are programs' own addresses, up to a running number.
var updaters = []string{
	"update.system.example/v6/selfupdate?build=", "definitions.antivirus.example/daily/", "telemetry.system.example/collect?batch=",
	"crl.trust.example/ca", "ocsp.trust.example/r/", "extensions.browser.example/update?slot=", "time.sync.invalid/poll?n=",
}

// blocked is what the filter's own rules stop.
var blocked = []string{
	"ads.network.example", "popups.network.example", "games.play.example", "arcade.play.example", "banner.network.example",
}

// messages are lines of Squid's cache.log.
var messages = []string{
	"storeDirWriteCleanLogs: Starting...",
	"Logfile: opening log daemon:/var/log/squid/access.log",
	"Finished.  Wrote 41207 entries.",
	"helperOpenServers: Starting 5/20 'negotiate_kerberos_auth' processes",
}
