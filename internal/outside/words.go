// SPDX-License-Identifier: Apache-2.0

package outside

// Say is the state in one sentence.
func (s State) Say() string {
	switch s {
	case Well:
		return "Sealwatch is running, and says that all is well."
	case Amber:
		return "Sealwatch is running, and says that something is not as it should be."
	case Unsafe:
		return "Sealwatch cannot be asked safely: its certificate has ended, or is not the one expected."
	case Broken:
		return "Something answers at Sealwatch's address, but not as Sealwatch does."
	case Stale:
		return "Sealwatch's answer is old, or its clock is wrong."
	}
	return "Sealwatch does not answer."
}

func (s State) todo() string {
	switch s {
	case Well:
		return "Nothing has to be done. If it was silent, look in sealwatch health whether every source is read again."
	case Amber:
		return "Ask sealwatch health on its machine: it says what, and who has to do it."
	case Unsafe:
		return "Renew the certificate, or find out what stands between. Until then people cannot sign in, and nobody should click a warning away."
	case Broken:
		return "Look what runs at that address: a proxy may answer in its place."
	case Stale:
		return "Look whether a cache stands between, and compare the clocks of the two machines."
	}
	return "Nothing may be watched at this moment. Start it on its machine, and if that fails tell a senior leader: they have to look after pupils without it until it runs."
}

// Words are the mail about a change to the state of the Sealwatch at the address.
func Words(s State, address string) (subject, text string) {
	subject = "Sealwatch needs you"
	switch s {
	case Well:
		subject = "Sealwatch is well again"
	case Unreachable:
		subject = "Sealwatch has gone quiet"
	}
	return subject, s.Say() + "\n\n" + s.todo() + "\n\n" +
		"This was seen from another machine, which looks at " + address + ".\n" +
		"This message comes once. There is another one when this changes.\n"
}
