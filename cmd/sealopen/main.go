// SPDX-License-Identifier: Apache-2.0

// Command sealopen is the reader's own program: with a person's key it lists,
// opens, decides and verifies what Sealwatch sealed for that person. It speaks to
// the gate only. It also makes a demonstration school.
//
// Exit codes: 0 done, 1 ran and something is wrong, 2 the caller can mend it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Exit codes; see the package comment.
const (
	exitDone  = 0
	exitWrong = 1
	exitMend  = 2
)

// errMend marks an error that the caller can mend: a wrong flag, path, passphrase.
var errMend = errors.New("mend")

// errSaid ends the program with exit 1 after it has said all there is to say.
var errSaid = errors.New("said")

// commands is every subcommand, one file each, and the flags that those which
// speak to the gate share.
type commands struct {
	Server         string `help:"Address of the gate, such as http://127.0.0.1:7443." placeholder:"URL"`
	Key            string `help:"Your key file." placeholder:"FILE"`
	Pin            string `help:"The server's own key, as somebody read it to you. Only needed where this machine does not know its certificate, and when that key has changed." placeholder:"sha256/…"`
	PassphraseFile string `help:"File with the passphrase of your key, or a table of \"name: words\" lines. Without it you are asked." placeholder:"FILE"`

	List        listCommand        `cmd:"" help:"List what is waiting for you, most urgent first. Nothing is opened."`
	Show        showCommand        `cmd:"" help:"Open one item. That is recorded before it opens."`
	Decide      decideCommand      `cmd:"" help:"Write down what you decided about an item."`
	Verify      verifyCommand      `cmd:"" help:"Check every item of yours and the record of who opened what."`
	Reader      readerCommand      `cmd:"" help:"Serve the Reader's pages to your own browser, from this machine. Without --key: the page on which you join a school."`
	KeyFile     keyCommand         `cmd:"" name:"key" help:"Get your key file."`
	DemoSchool  demoCommand        `cmd:"" help:"Make a demonstration school in an empty folder."`
	DemoMorning demoMorningCommand `cmd:"" help:"Write an invented school morning as a proxy log."`
}

// terminal is where a command reads and writes, and what its flags were.
type terminal struct {
	ctx      context.Context
	in       io.Reader
	out, err io.Writer
	flags    *commands
	now      func() time.Time
}

// run is the whole program but for the process around it, so that tests can
// call it. It prints errors itself and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	harden()
	var cmds commands
	exited := -1
	parser, err := kong.New(&cmds,
		kong.Name("sealopen"),
		kong.Description("Lists, opens and verifies what Sealwatch sealed for you."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
	)
	if err != nil {
		fmt.Fprintln(stderr, "sealopen:", err)
		return exitWrong
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help was asked for
	}
	if err != nil {
		fmt.Fprintf(stderr, "sealopen: %v\nRun sealopen --help to see how it is called.\n", err)
		return exitMend
	}
	t := &terminal{ctx: ctx, in: stdin, out: stdout, err: stderr, flags: &cmds, now: time.Now}
	return exitCode(parsed.Run(t), stderr)
}

// mended is an error whose text is the whole of what the caller must know.
type mended struct{ text string }

func (m mended) Error() string        { return m.text }
func (m mended) Is(target error) bool { return target == errMend }

// mend returns an error that ends the program with exit 2.
func mend(format string, args ...any) error { return mended{fmt.Sprintf(format, args...)} }

// exitCode prints err, if any, and says how the process must end.
func exitCode(err error, w io.Writer) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errSaid):
		return exitWrong
	}
	fmt.Fprintln(w, "sealopen:", err)
	if errors.Is(err, errMend) {
		return exitMend
	}
	return exitWrong
}
