// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package service

import "os"

func disk(string) (free, all int64, ok bool) { return 0, 0, false }

func ownersOf(os.FileInfo) (owner, group string) { return "", "" }
