// SPDX-License-Identifier: Apache-2.0

package evaluation

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/lists"
)

// ErrLists is wrapped by the errors of Lists that the caller can mend.
var ErrLists = errors.New("no folder of lists")

// layout says what each file of a folder of lists is. Beside them there may be dest,
// with a folder for each category as squidGuard has them.
var layout = []lists.Source{
	{Name: "iwf", Path: "iwf-url.txt", Format: "plain", Category: safeguard.Csam, Illegal: true},
	{Name: "iwf-hashes", Path: "iwf-url.sha256", Format: "sha256", Category: safeguard.Csam, Illegal: true},
	{Name: "ctiru", Path: "ctiru-url.txt", Format: "plain", Category: safeguard.Extremism, Illegal: true},
	{Name: "ctiru-hashes", Path: "ctiru-url.sha256", Format: "sha256", Category: safeguard.Extremism, Illegal: true},
	{Name: "hosts", Path: "hosts.txt", Format: "hosts", Category: safeguard.Pornography},
	{Name: "adblock", Path: "adblock.txt", Format: "adblock", Category: safeguard.Circumvention},
	{Name: "rpz", Path: "rpz.zone", Format: "rpz", Category: safeguard.Circumvention},
}

// Lists compiles the lists of a folder in memory. What is not there is left out;
// a folder with none of them is an error.
func Lists(dir string) (*lists.Index, error) {
	var sources []lists.Source
	for _, s := range layout {
		s.Path = filepath.Join(dir, s.Path)
		if _, err := os.Stat(s.Path); err == nil {
			sources = append(sources, s)
		}
	}
	folders, err := os.ReadDir(filepath.Join(dir, "dest"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s: dest cannot be read", ErrLists, dir)
	}
	for _, f := range folders {
		if c := folderCategory(f.Name()); f.IsDir() && c != "" {
			sources = append(sources, lists.Source{Name: "dest-" + f.Name(), Path: filepath.Join(dir, "dest", f.Name()), Format: "squidguard", Category: c})
		}
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("%w: %s has none of the files that docs/detection.md names", ErrLists, dir)
	}
	x, _, err := lists.Load(sources)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLists, err)
	}
	return x, nil
}

// folderCategory is the concern that a folder is named for: by the table of UT1's
// names, or by a category's own name with or without its hyphen.
func folderCategory(name string) safeguard.Category {
	if c, ok := lists.Vendor("ut1", []byte(name)); ok {
		return c
	}
	plain := strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(name))
	for _, c := range slices.Sorted(maps.Keys(safeguard.Families)) {
		if strings.ReplaceAll(string(c), "-", "") == plain {
			return c
		}
	}
	return ""
}
