// SPDX-License-Identifier: Apache-2.0

package dialect

import "errors"

// What a line can be other than a visit and other than broken.
var (
	// ErrNoise says that the line is known, and is not a visit.
	ErrNoise = errors.New("not a visit")

	// ErrBlank says that there is nothing on the line but space.
	ErrBlank = errors.New("blank line")
)

// A parseError is one of a closed set: it has no room for what was read.
type parseError struct{ code, text string }

func (e *parseError) Error() string { return e.text }

// Code returns the error's short name, as in metrics and in the output of analyse.
func (e *parseError) Code() string { return e.code }

// The ways in which a line can be broken. None of them says anything about the
// line but the kind of the field that could not be read.
var (
	ErrFields error = &parseError{"fields", "fields are missing, or there are more than can be told apart"}
	ErrFormat error = &parseError{"format", "not a line of this format"}
	ErrMethod error = &parseError{"method", "the method cannot be read"}
	ErrPanic  error = &parseError{"panic", "the parser stopped"}
	ErrStatus error = &parseError{"status", "the result or status cannot be read"}
	ErrTarget error = &parseError{"target", "the address cannot be read"}
	ErrTime   error = &parseError{"time", "the time cannot be read, or is out of all reason"}
)

// Code returns the code of a broken line's error. It is "" for nil, ErrNoise and
// ErrBlank, and "format" for an error that is not of this package.
func Code(err error) string {
	if err == nil || errors.Is(err, ErrNoise) || errors.Is(err, ErrBlank) {
		return ""
	}
	var coded interface{ Code() string }
	if errors.As(err, &coded) {
		for _, c := range Codes() {
			if c == coded.Code() {
				return c
			}
		}
	}
	return "format"
}

// Codes returns every code in alphabetical order.
func Codes() []string {
	return []string{"fields", "format", "method", "panic", "status", "target", "time"}
}
