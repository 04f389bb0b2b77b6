package capture

import (
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"strconv"
	"time"

	"secret"
)

type visit struct {
	n    int
	user secret.Text
}

var errAddress = errors.New("no address")

func prints(v visit, p *visit, all []visit) {
	fmt.Println(v)      // want `a value that holds a secret.Text`
	fmt.Printf("%v", p) // want `a value that holds a secret.Text`
	log.Print(all)      // want `a value that holds a secret.Text`
	fmt.Println(v.n)
	panic(v.user) // want `content reaches panic`
}

func reveals(v visit) error {
	b := v.user.Reveal()
	name := string(b[:3])
	_ = os.WriteFile("x", b, 0o600)     // want `it was revealed in this function`
	_ = os.WriteFile("x-"+name, nil, 0) // want `it was revealed in this function`
	if len(b) > 3 {
		return fmt.Errorf("bad %s", string(b)) // want `it was revealed in this function`
	}
	return errors.New("bad " + name) // want `it was revealed in this function`
}

func quotes(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err) // want `a parser's error is handed on`
	}
	if _, err := strconv.Atoi(s); err != nil {
		return nil, err // want `a parser's error is handed on`
	}
	if _, err := time.Parse(time.RFC3339, s); err != nil {
		return nil, errAddress
	}
	return u, nil
}
