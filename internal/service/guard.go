// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"runtime"
	"strings"
)

// guard calls f and turns a panic into an error that says where it happened and
// nothing else. The panic's value is dropped unseen: it may hold content, and
// the runtime would print it. The process ends all the same; a restart reads
// again from the bookmark.
func guard(what string, f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%s: stopped by a fault in the program at %s", what, faultAt())
		}
	}()
	return f()
}

// faultAt returns the function names of the innermost frames above the panic,
// without arguments.
func faultAt() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var names []string
	for len(names) < 4 {
		f, more := frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") {
			name := f.Function[strings.LastIndexByte(f.Function, '/')+1:]
			names = append(names, fmt.Sprintf("%s:%d", name, f.Line))
		}
		if !more {
			break
		}
	}
	return strings.Join(names, " < ")
}
