// SPDX-License-Identifier: Apache-2.0

package dialect

// A zeekJSON reads Zeek's logs as JSON lines (LogAscii::use_json), as Corelight,
// Security Onion and others send them, with times as numbers or as ISO.
type zeekJSON struct{ zeek }

func newZeekJSON(o Options) Parser { return newParser(o, &zeekJSON{}) }

func (z *zeekJSON) read(k *kit, b []byte) error {
	z.zeek = zeek{}
	if err := k.object(b, &z.zeek); err != nil {
		return err
	}
	if len(z.stamp) == 0 || len(z.path) == 0 && len(k.entry.client) == 0 {
		return ErrFormat
	}
	return z.visit(k)
}
