package capture

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"strconv"
	"strings"

	"secret"
)

type wrapped struct{ err error }

func (w *wrapped) Error() string { return "wrapped" }

var table = map[string]func(string) error{
	"address": func(s string) error {
		_, err := url.Parse(s)
		return err // want `a parser's error is handed on`
	},
}

func inOneGo(s string) (int, error) {
	return strconv.Atoi(s) // want `a parser's error is handed on`
}

func joined(s string) error {
	_, err := url.Parse(s)
	return errors.Join(errAddress, err) // want `a parser's error is handed on`
}

func boxed(s string) error {
	_, err := url.Parse(s)
	return &wrapped{err} // want `a parser's error is handed on`
}

func asText(s string) error {
	_, err := url.Parse(s)
	return errors.New(err.Error()) // want `a parser's error is handed on`
}

func named(s string) (n int, err error) {
	n, err = strconv.Atoi(s)
	return // want `a parser's error is handed on by a named result`
}

func kept(w *wrapped, s string) {
	_, w.err = url.Parse(s) // want `a parser's error is handed on`
}

func passed(s string, to func(error)) {
	_, err := url.ParseQuery(s)
	to(err) // want `a parser's error is handed on`
}

func taken(s string) string {
	var n *strconv.NumError
	if _, err := strconv.Atoi(s); errors.As(err, &n) { // want `a parser's error is handed on`
		return n.Num
	}
	return ""
}

func decoded(r io.Reader, v any) error {
	if err := json.NewDecoder(r).Decode(v); err != nil {
		return fmt.Errorf("read: %w", err) // want `a parser's error is handed on`
	}
	return nil
}

func compared(s string) error {
	_, err := strconv.Atoi(s)
	if errors.Is(err, strconv.ErrRange) || err == nil {
		return nil
	}
	switch err {
	case nil:
	default:
		log.Print("a number could not be read")
	}
	return errAddress
}

func declared(t secret.Text) {
	var b = t.Reveal()
	fmt.Println(b) // want `it was revealed in this function`
}

func ranged(t secret.Text) {
	for _, c := range t.Reveal() {
		fmt.Println(c) // want `it was revealed in this function`
	}
}

func lowered(t secret.Text) error {
	low := strings.ToLower(string(t.Reveal()))
	host, _, _ := strings.Cut(low, ":")
	parts := strings.Split(host, ".")
	return errors.New(parts[0]) // want `it was revealed in this function`
}

func measured(t secret.Text) error {
	b := t.Reveal()
	fmt.Println(len(b), strings.Contains(string(b), "a"))
	return nil
}

func written(t secret.Text, f *os.File) {
	_, _ = f.Write(t.Reveal()) // want `it was revealed in this function`
}

func several() (visit, error) { return visit{}, nil }

func sent(c chan visit) {
	fmt.Println(several()) // want `a value that holds a secret.Text`
	fmt.Println(c)         // want `a value that holds a secret.Text`
}
