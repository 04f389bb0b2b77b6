// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"io"
)

// ReadBounded is Read with another bound on what may be unpacked freely.
func ReadBounded(ctx context.Context, r io.Reader, free int64, emit Emit) (Result, error) {
	d := &decoder{r: r}
	if err := d.look(); err != nil {
		return Result{}, err
	}
	d.text.(*decoder).r.(*unpacked).free = free
	return read(ctx, d, emit, nil)
}
