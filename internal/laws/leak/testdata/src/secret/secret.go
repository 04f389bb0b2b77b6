package secret

type Text struct{ v *[]byte }

func (t Text) Reveal() []byte { return *t.v }
