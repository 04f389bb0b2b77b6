// SPDX-License-Identifier: Apache-2.0

package keep_test

import (
	"testing"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/keep/keeptest"
)

func open(t testing.TB, o keep.Options) *keep.Store {
	t.Helper()
	k, err := keep.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

func TestConformance(t *testing.T) { keeptest.Run(t, open) }
