// SPDX-License-Identifier: Apache-2.0

package target

import (
	"bytes"
	"strings"
)

// What Scrub writes where it cut, by the kind of secret.
const (
	CutPassword = "[cut:password]"
	CutToken    = "[cut:token]"
	CutCode     = "[cut:code]"
	CutCard     = "[cut:card]"
	CutMail     = "[cut:mail]"
)

// secretNames are names of parameters whose values are secrets whatever they look
// like. A name is compared in small letters and without "_", "-", "." and brackets.
var secretNames = nameKinds()

func nameKinds() map[string]string {
	m := map[string]string{}
	for kind, names := range map[string]string{
		CutPassword: "password passwd passwort pass pwd pw passphrase passcode userpassword newpassword oldpassword currentpassword confirmpassword " +
			"loginpassword motdepasse contrasena senha haslo secret clientsecret appsecret sharedsecret consumersecret credential credentials " +
			"secretanswer securityanswer cvv cvc cvv2 cvc2 securitycode pin pincode privatekey secretkey",
		CutToken: "token accesstoken refreshtoken idtoken authtoken csrftoken xsrftoken csrf xsrf csrfmiddlewaretoken requestverificationtoken securitytoken sessiontoken " +
			"bearer jwt auth authorization authkey apikey apitoken xapikey key accesskey accesskeyid awsaccesskeyid subscriptionkey sig signature hmac hash " +
			"xamzsignature xamzsecuritytoken xamzcredential xgoogsignature xgoogcredential policy " +
			"session sessionid sessid sess sid phpsessid jsessionid aspsessionid aspnetsessionid asp.netsessionid connectsid usersession cookie ssid " +
			"ticket st samlrequest samlresponse relaystate assertion clientassertion wresult nonce state codeverifier codechallenge oauthtoken oauthverifier oauthsignature " +
			"sso ssotoken magic magiclink resettoken resetkey resetpasswordtoken confirmationtoken invitetoken unsubscribetoken deviceid pushtoken fcmtoken",
		CutCode: "otp totp onetimecode onetimepassword verificationcode verifycode authcode mfacode mfa smscode twofactorcode twofacode 2fa 2facode tan " +
			"confirmationcode activationcode logincode accesscode recoverycode code",
		CutCard: "cardnumber ccnumber ccnum creditcard creditcardnumber cardno pan iban accountnumber sortcode bankaccount",
		CutMail: "email mail emailaddress useremail loginemail to cc bcc body mailbody message subject username login loginhint userid loginid",
	} {
		for _, n := range strings.Fields(names) {
			m[n] = kind
		}
	}
	return m
}

// looseNames hold ordinary words too, and are cut only where the value looks like
// a secret of the kind.
var looseNames = map[string]bool{
	"key": true, "code": true, "state": true, "hash": true, "policy": true, "to": true, "cc": true, "message": true, "subject": true, "body": true,
	"login": true, "username": true, "userid": true, "loginid": true, "st": true, "ticket": true, "session": true, "auth": true, "pass": true, "pin": true, "pan": true,
	"mail": true, "email": true, "tan": true, "mfa": true, "2fa": true, "magic": true, "sig": true, "secret": true, "cookie": true, "sess": true, "sid": true, "pw": true,
}

// Scrub cuts secrets from a line or an address: passwords, tokens, one-time codes,
// card numbers, and what mail addresses and letters an address holds. Each cut is
// marked. It says how many it made, and returns its argument where there was
// nothing to cut. What people typed into a search stays, but for card numbers,
// mail addresses and tokens in it.
func Scrub(line []byte) ([]byte, int) {
	s := scrubber{in: line}
	for s.at < len(line) {
		start := s.at
		for s.at < len(line) && !isBlank(line[s.at]) {
			s.at++
		}
		if s.at > start {
			s.field(start, s.at)
		}
		for s.at < len(line) && isBlank(line[s.at]) {
			s.at++
		}
	}
	s.headers()
	s.cards()
	return s.apply()
}

// ScrubWords cuts the numbers of cards from what people typed. All else stays as it
// was: nothing else in typed words is a secret for certain.
func ScrubWords(words []byte) []byte {
	s := scrubber{in: words}
	s.cards()
	out, _ := s.apply()
	return out
}

// A scrubber collects what is to be cut: pieces of in, in no order yet.
type scrubber struct {
	in   []byte
	at   int
	cuts []cut
}

type cut struct {
	from, to int
	kind     string
}

func (s *scrubber) cut(from, to int, kind string) {
	if from < to {
		s.cuts = append(s.cuts, cut{from, to, kind})
	}
}

func isBlank(c byte) bool { return c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' }

// apply writes the line without what was cut. Pieces may overlap: the first kind wins.
func (s *scrubber) apply() ([]byte, int) {
	if len(s.cuts) == 0 {
		return s.in, 0
	}
	gone := make([]uint8, len(s.in))
	for i := len(s.cuts) - 1; i >= 0; i-- {
		for j := s.cuts[i].from; j < s.cuts[i].to; j++ {
			gone[j] = 1 + kindNumber(s.cuts[i].kind)
		}
	}
	var out []byte
	n := 0
	for i := range s.in {
		switch {
		case gone[i] == 0:
			out = append(out, s.in[i])
		case i == 0 || gone[i-1] != gone[i]:
			out = append(out, cutKinds[gone[i]-1]...)
			n++
		}
	}
	return out, n
}

var cutKinds = []string{CutPassword, CutToken, CutCode, CutCard, CutMail}

func kindNumber(kind string) uint8 {
	for i, k := range cutKinds {
		if k == kind {
			return uint8(i)
		}
	}
	return 0
}

// A piece of an address lies between its signs, or their encoded forms.
type piece struct {
	from, to int
	before   byte // the sign before it
}

// sign returns the sign at i, and how long it is in its encoded form: "%3D", "%253D"
// and so on. It is 0 where there is none.
func sign(b []byte, i int) (byte, int) {
	c, n := b[i], 1
	if c == '%' {
		j := i + 1
		for j+1 < len(b) && b[j] == '2' && b[j+1] == '5' {
			j += 2
		}
		if j+1 >= len(b) || unhex(b[j]) < 0 || unhex(b[j+1]) < 0 {
			return 0, 1
		}
		c, n = byte(unhex(b[j])<<4|unhex(b[j+1])), j+2-i
	}
	switch c {
	case '=', '&', '?', '#', '/', ';', ',', ':', '|', '{', '}', '[', ']', '(', ')', '"', '\'':
		return c, n
	}
	return 0, n
}

// field looks through one field of a line: an address, name=value, or a bare word.
func (s *scrubber) field(from, to int) {
	b := s.in[:to]
	isURL := bytes.Contains(b[from:], []byte("://")) || b[from] == '/' || bytes.IndexByte(b[from:], '?') >= 0 || bytes.Contains(b[from:], []byte("%3A%2F")) ||
		bytes.HasPrefix(bytes.ToLower(b[from:min(to, from+7)]), []byte("mailto:"))
	s.userInfo(from, to)
	var name []byte
	letter := bytes.HasPrefix(bytes.ToLower(b[from:min(to, from+7)]), []byte("mailto:"))
	before := byte(0)
	for at := from; at <= to; {
		end, next, mark := at, to+1, byte(0)
		for i := at; i < to; {
			c, n := sign(b, i)
			// A base64 value ends in "=", and has "/" in it.
			if c != 0 && !(c == '=' && (before == '=' || i+n >= to)) {
				end, next, mark = i, i+n, c
				break
			}
			i += n
			end = i
		}
		if mark == 0 {
			end = to
		}
		p := piece{at, end, before}
		if p.before != '=' && mark == '=' {
			name = foldName(s.in[p.from:p.to])
		} else if p.before == ':' && name == nil && mark == 0 {
			s.value(p, nil, isURL, letter)
		} else {
			s.value(p, name, isURL, letter)
			name = nil
		}
		if mark == '?' && letter {
			s.cut(from+7, end, CutMail) // to whom it goes
		}
		before, at = mark, next
	}
}

// foldName brings a parameter's name into the spelling of secretNames.
func foldName(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, c := range appendUnescaped(nil, b) {
		switch {
		case c >= 'A' && c <= 'Z':
			out = append(out, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			out = append(out, c)
		}
	}
	return out
}

// value cuts a piece that is a secret: by its name, or by its looks.
func (s *scrubber) value(p piece, name []byte, isURL, letter bool) {
	if p.from >= p.to {
		return
	}
	raw := s.in[p.from:p.to]
	plain := appendUnescaped(nil, raw)
	kind, named := secretNames[string(name)]
	if !named && len(name) > 0 {
		kind, named = kindOfName(name)
	}
	switch {
	case letter && (string(name) == "body" || string(name) == "subject" || string(name) == "cc" || string(name) == "bcc"):
		s.cut(p.from, p.to, CutMail)
	case named && (!looseNames[string(name)] || looksSecret(kind, plain)):
		s.cut(p.from, p.to, kind)
	case isToken(plain):
		s.cut(p.from, p.to, CutToken)
	case isURL:
		s.mails(p)
	}
}

// kindOfName recognises names that are made of others: "user_password_2",
// "x-auth-token", "myApiKey".
func kindOfName(name []byte) (string, bool) {
	for _, part := range []struct{ text, kind string }{
		{"password", CutPassword}, {"passwd", CutPassword}, {"passphrase", CutPassword}, {"secret", CutPassword}, {"token", CutToken}, {"apikey", CutToken},
		{"sessionid", CutToken}, {"sessid", CutToken}, {"signature", CutToken}, {"csrf", CutToken}, {"xsrf", CutToken}, {"cardnumber", CutCard}, {"onetime", CutCode},
		{"verificationcode", CutCode}, {"email", CutMail},
	} {
		if bytes.HasPrefix(name, []byte(part.text)) || bytes.HasSuffix(name, []byte(part.text)) || bytes.HasSuffix(bytes.TrimRight(name, "0123456789"), []byte(part.text)) {
			return part.kind, true
		}
	}
	return "", false
}

// looksSecret reports whether a value under a name that also holds ordinary words
// is a secret of the kind.
func looksSecret(kind string, b []byte) bool {
	if bytes.ContainsAny(b, " +") && kind != CutMail {
		return false
	}
	switch kind {
	case CutMail:
		return bytes.IndexByte(b, '@') > 0
	case CutCode, CutCard:
		digits := 0
		for _, c := range b {
			if c >= '0' && c <= '9' {
				digits++
			}
		}
		return digits >= 4 && len(b) <= 12 || isMixed(b) && len(b) >= 6
	}
	return len(b) >= 8 && isMixed(b) || len(b) >= 4 && onlyDigits(b) && kind == CutPassword || kind == CutPassword && len(b) >= 6 && !isPlainWord(b) ||
		len(b) >= 16 && !isPlainWord(b)
}

func onlyDigits(b []byte) bool { return len(bytes.Trim(b, "0123456789")) == 0 }

func isPlainWord(b []byte) bool {
	for _, c := range b {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// isMixed reports whether there are both letters and digits.
func isMixed(b []byte) bool {
	return bytes.ContainsAny(b, "0123456789") && len(bytes.Trim(b, "0123456789")) > 0
}

// tokenStarts are how the tokens of well-known services begin.
var tokenStarts = []string{
	"eyJ", "AKIA", "ASIA", "AIza", "ya29.", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xoxs-", "sk_live_", "sk_test_", "pk_live_",
	"rk_live_", "sk-", "SG.", "npm_", "dop_v1_", "shpat_", "EAAC", "ops_",
}

// isToken reports whether a piece is a token by its looks alone, under whatever name
// and at whatever place.
func isToken(b []byte) bool {
	if len(b) < 16 || bytes.IndexByte(b, ' ') >= 0 {
		return false
	}
	for _, start := range tokenStarts {
		if bytes.HasPrefix(b, []byte(start)) && isMixed(b) {
			return true
		}
	}
	// Names of files and pages have words in them; what has none is no word.
	for _, part := range bytes.FieldsFunc(b, func(c rune) bool { return c == '.' || c == '-' || c == '_' || c == '~' || c == '+' || c == '*' }) {
		if len(part) >= 20 && opaque(part) {
			return true
		}
	}
	return opaque(b) && (len(b) >= 32 || bytes.IndexByte(b, '-') < 0 && len(b) >= 20)
}

// userInfo cuts the password, and the name before it, out of scheme://name:word@host.
func (s *scrubber) userInfo(from, to int) {
	b := s.in[from:to]
	for base := 0; ; {
		i := bytes.Index(b[base:], []byte("://"))
		if i < 0 {
			return
		}
		start := base + i + 3
		end := len(b)
		if j := bytes.IndexAny(b[start:], "/?#"); j >= 0 {
			end = start + j
		}
		if at := bytes.LastIndexByte(b[start:end], '@'); at > 0 {
			colon := bytes.IndexByte(b[start:start+at], ':')
			if colon >= 0 {
				s.cut(from+start+colon+1, from+start+at, CutPassword)
			}
		}
		base = start
	}
}

// mails cuts mail addresses out of a piece of an address.
func (s *scrubber) mails(p piece) {
	b := s.in[p.from:p.to]
	for i := 0; i < len(b); i++ {
		size := 0
		if b[i] == '@' {
			size = 1
		} else if b[i] == '%' {
			j := i + 1
			for j+1 < len(b) && b[j] == '2' && b[j+1] == '5' {
				j += 2
			}
			if j+1 < len(b) && b[j] == '4' && b[j+1] == '0' {
				size = j + 2 - i
			}
		}
		if size == 0 {
			continue
		}
		from, to := i, i+size
		for from > 0 && isMailByte(b[from-1]) {
			from--
		}
		for to < len(b) && (isAlnum(b[to]) || b[to] == '.' || b[to] == '-') {
			to++
		}
		if from < i && bytes.IndexByte(bytes.Trim(b[i+size:to], "."), '.') > 0 {
			s.cut(p.from+from, p.from+to, CutMail)
		}
		i = to - 1
	}
}

func isMailByte(c byte) bool {
	return isAlnum(c) || c == '.' || c == '_' || c == '-' || c == '%'
}

// headers cuts what stands behind "Bearer" and "Basic", and "password: word", in lines that log them.
func (s *scrubber) headers() {
	low := lower(s.in)
	for _, h := range []struct{ text, kind string }{
		{"bearer ", CutToken}, {"basic ", CutPassword}, {"password: ", CutPassword}, {"passwd: ", CutPassword}, {"authorization: token ", CutToken},
		{"cookie: ", CutToken}, {"api-key: ", CutToken}, {"password\":\"", CutPassword}, {"token\":\"", CutToken}, {"password\": \"", CutPassword}, {"token\": \"", CutToken},
	} {
		for from := 0; ; {
			i := bytes.Index(low[from:], []byte(h.text))
			if i < 0 {
				break
			}
			start := from + i + len(h.text)
			end := start
			for end < len(low) && !isBlank(low[end]) && (low[end] != ',' || h.kind == CutPassword) {
				end++
			}
			word := s.in[start:end]
			if h.text != "basic " && h.text != "bearer " || len(word) >= 12 && (isMixed(word) || bytes.HasSuffix(word, []byte("="))) {
				s.cut(start, end, h.kind)
			}
			from = max(end, start)
		}
	}
}

// cards cuts numbers of cards: 13 to 19 digits, with or without single signs
// between them, that stand alone, begin as cards do, and pass the Luhn check.
func (s *scrubber) cards() {
	for i := 0; i < len(s.in); i++ {
		if s.in[i] < '0' || s.in[i] > '9' || i > 0 && (isAlnum(s.in[i-1]) || s.in[i-1] == '.') && !afterEscape(s.in, i) {
			continue
		}
		if end := cardEnd(s.in, i); end > 0 {
			s.cut(i, end, CutCard)
			i = end
		}
	}
}

// afterEscape reports whether what stands before i is an encoded sign, whose last
// digit is no part of a number.
func afterEscape(b []byte, i int) bool {
	return i >= 3 && b[i-3] == '%' && unhex(b[i-2]) >= 0 && unhex(b[i-1]) >= 0 || i >= 5 && b[i-5] == '%' && b[i-4] == '2' && b[i-3] == '5'
}

// cardEnd returns where a card's number that begins at from ends, or 0. What follows
// behind a sign may be another field of the line, so every end of a group is tried.
func cardEnd(b []byte, from int) int {
	var digits [19]byte
	n, end := 0, 0
	for i := from; i < len(b); {
		c := b[i]
		if c >= '0' && c <= '9' {
			if n == len(digits) {
				return end
			}
			digits[n] = c - '0'
			n++
			i++
			if n >= 13 && (i == len(b) || !isAlnum(b[i])) && isCard(digits[:n]) {
				end = i
			}
			continue
		}
		step := 0
		switch {
		case c == ' ' || c == '-' || c == '+' || c == '.':
			step = 1
		case c == '%' && i+2 < len(b) && (string(b[i:i+3]) == "%20" || strings.EqualFold(string(b[i:i+3]), "%2D") || strings.EqualFold(string(b[i:i+3]), "%2B")):
			step = 3
		}
		// Cards are written in groups of four, or four, six and five.
		if step == 0 || n < 4 || i+step >= len(b) || b[i+step] < '0' || b[i+step] > '9' || c == '.' && n%4 != 0 {
			break
		}
		i += step
	}
	return end
}

// isCard checks the issuer's first digits and the Luhn sum.
func isCard(d []byte) bool {
	if d[0] < 2 || d[0] > 6 {
		return false
	}
	sum := 0
	for i := range d {
		v := int(d[len(d)-1-i])
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}
