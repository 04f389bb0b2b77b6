// SPDX-License-Identifier: Apache-2.0

package receive

import "bytes"

const (
	// maxCount is the largest count that is believed: a sender that announces more
	// is broken, and would have us pass over all that it sends for hours.
	maxCount = 1 << 20

	// maxDigits is how many digits such a count has.
	maxDigits = 7
)

// A frame is one message as it was cut out of a stream.
type frame struct {
	raw  []byte // valid only during the call that is given it
	cut  bool   // it was longer than MaxLine, or its end never came though its length was known
	torn bool   // the stream ended without a line end
}

// A framer cuts the bytes of one connection into messages. RFC 6587 has two ways, and
// a sender keeps to one: a count of octets before each message, or a line end behind
// it. The first message tells: it is counted if a number, a space and "<" begin it.
//
// A count that cannot be is passed over up to the next line end, or to the next place
// that looks like a counted message: it costs one message. A message in lines can
// never turn a connection into a counted one.
type framer struct {
	mode  mode
	state state
	head  []byte // how the present frame begins, while it is not known what it is
	acc   []byte // the present message, at most MaxLine+slack
	over  bool   // there was more of it
	left  int    // of a counted message, what is still to come
	run   seeker // of a stream that is out of step
	bad   func() // told of each count that cannot be
}

type mode uint8

const (
	unknown mode = iota
	lines
	counted
)

type state uint8

const (
	atStart state = iota
	inLine
	inCounted
	outOfStep
)

// slack is what may yet be taken off a message: "\r\n" or a NUL.
const slack = 4

// feed cuts b into messages, together with what was fed before.
func (f *framer) feed(b []byte, emit func(frame) error) error {
	for len(b) > 0 {
		var err error
		switch f.state {
		case atStart:
			b = f.start(b)
		case inLine:
			b, err = f.line(b, emit)
		case inCounted:
			b, err = f.count(b, emit)
		case outOfStep:
			b = f.seek(b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// start finds out what the next frame is. It takes bytes into head one by one: there
// are at most nine.
func (f *framer) start(b []byte) []byte {
	if len(f.head) == 0 {
		if f.mode == lines {
			f.state = inLine
			return b
		}
		// Some senders end a counted message with a line end as well.
		if b = bytes.TrimLeft(b, "\r\n\x00"); len(b) == 0 {
			return nil
		}
	}
	for i, c := range b {
		f.head = append(f.head, c)
		n, what := f.decide()
		switch what {
		case atStart:
			continue
		case inCounted:
			f.mode, f.state, f.left = counted, inCounted, n
			rest := b[i+1:]
			if c == '<' { // it is the message's own
				f.left--
				f.take([]byte{'<'})
			}
			f.head = f.head[:0]
			return rest
		case inLine:
			f.mode, f.state = lines, inLine
			return f.again(b, i)
		case outOfStep:
			f.state, f.run = outOfStep, seeker{}
			f.bad()
			return f.again(b, i)
		}
	}
	return nil
}

// again returns b together with what was looked at before it: the line end, or the
// next message, may be in there.
func (f *framer) again(b []byte, i int) []byte {
	if before := len(f.head) - (i + 1); before > 0 {
		b = append(append([]byte(nil), f.head[:before]...), b...)
	}
	f.head = f.head[:0]
	return b
}

// decide says what the head is the beginning of; atStart: not known yet.
func (f *framer) decide() (n int, what state) {
	wrong := inLine
	if f.mode == counted {
		wrong = outOfStep
	}
	i := 0
	for i < len(f.head) && f.head[i] >= '0' && f.head[i] <= '9' {
		n = n*10 + int(f.head[i]-'0')
		i++
		if i > maxDigits {
			return 0, wrong
		}
	}
	switch {
	case i == 0:
		return 0, wrong
	case i == len(f.head):
		return 0, atStart
	case f.head[i] != ' ':
		return 0, wrong
	}
	cannot := f.head[0] == '0' || n == 0 || n > maxCount
	if f.mode == counted {
		if cannot {
			return 0, outOfStep
		}
		return n, inCounted
	}
	switch {
	case i+1 == len(f.head):
		return 0, atStart
	case f.head[i+1] != '<':
		return 0, inLine
	case cannot:
		f.mode = counted
		return 0, outOfStep
	}
	return n, inCounted
}

// line takes what belongs to the present line.
func (f *framer) line(b []byte, emit func(frame) error) ([]byte, error) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		f.take(b)
		return nil, nil
	}
	rest := b[i+1:]
	f.state = atStart
	if len(f.acc) == 0 && !f.over && i <= MaxLine {
		return rest, f.give(b[:i], false, false, emit)
	}
	f.take(b[:i])
	return rest, f.giveHeld(false, emit)
}

// count takes what belongs to the present counted message.
func (f *framer) count(b []byte, emit func(frame) error) ([]byte, error) {
	n := min(len(b), f.left)
	f.left -= n
	f.take(b[:n])
	if f.left > 0 {
		return b[n:], nil
	}
	f.state = atStart
	return b[n:], f.giveHeld(false, emit)
}

// take adds to the present message as much as is kept of one.
func (f *framer) take(b []byte) {
	if room := MaxLine + slack - len(f.acc); len(b) > room {
		b, f.over = b[:room], true
	}
	f.acc = append(f.acc, b...)
}

// giveHeld gives out the message that was put together.
func (f *framer) giveHeld(torn bool, emit func(frame) error) error {
	over := f.over
	err := f.give(f.acc, over, torn, emit)
	clear(f.acc)
	f.acc, f.over = f.acc[:0], false
	return err
}

// give gives out a message. An empty one is none: some senders keep a connection open
// with line ends.
func (f *framer) give(raw []byte, over, torn bool, emit func(frame) error) error {
	if !over {
		raw = bytes.TrimRight(raw, "\r\n\x00")
	}
	if len(raw) == 0 {
		return nil
	}
	cut := over || len(raw) > MaxLine
	return emit(frame{raw: raw[:min(len(raw), MaxLine)], cut: cut, torn: torn})
}

// end gives out what came of a message whose end did not.
func (f *framer) end(emit func(frame) error) error {
	switch f.state {
	case atStart:
		f.take(f.head)
		f.head = f.head[:0]
		return f.giveHeld(true, emit)
	case inLine:
		return f.giveHeld(true, emit)
	case inCounted:
		f.over = true
		return f.giveHeld(true, emit)
	}
	return nil
}

// wipe clears the buffers.
func (f *framer) wipe() {
	clear(f.acc[:cap(f.acc)])
	clear(f.head[:cap(f.head)])
}

// A seeker looks for where a stream goes on that is out of step.
type seeker struct {
	n, digits int
	space     bool
	zero      bool // the number begins with 0
}

// seek passes over b up to where the next message may begin.
func (f *framer) seek(b []byte) []byte {
	s := &f.run
	for i, c := range b {
		switch {
		case c == '\n':
			f.state = atStart
			return b[i+1:]
		case c >= '0' && c <= '9' && !s.space:
			if s.digits == 0 {
				s.zero = c == '0'
			}
			if s.digits++; s.digits <= maxDigits {
				s.n = s.n*10 + int(c-'0')
			}
		case c == ' ' && s.digits > 0 && !s.space:
			s.space = true
		case c == '<' && s.space && !s.zero && s.digits <= maxDigits && s.n <= maxCount:
			f.state, f.left = inCounted, s.n-1
			f.take(b[i : i+1])
			if f.left == 0 { // a message of one octet
				f.acc, f.state = f.acc[:0], atStart
			}
			return b[i+1:]
		case c >= '0' && c <= '9': // behind a number and a space
			*s = seeker{n: int(c - '0'), digits: 1, zero: c == '0'}
		default:
			*s = seeker{}
		}
	}
	return nil
}
