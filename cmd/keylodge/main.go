// Command keylodge runs Keylodge, and administers an installation while it
// runs.
package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/keylodge/keylodge/internal/leaks"
	"github.com/keylodge/keylodge/internal/workspace"
)

// commands is the command line. Each flag has an environment variable of its
// name: --base-url is KEYLODGE_BASE_URL.
type commands struct {
	Serve     serveCommand     `cmd:"" default:"withargs" help:"Run the pages and the checks (the default)."`
	Demo      demoCommand      `cmd:"" help:"Run a filled sample workspace from a temporary folder."`
	Workspace workspaceCommand `cmd:"" help:"Make workspaces."`
	User      userCommand      `cmd:"" help:"Make people members, change or stop them, and give out links to set a password."`
	Key       keyCommand       `cmd:"" help:"Add, list and revoke API keys."`
	Patterns  patternsCommand  `cmd:"" help:"Print what finds leaked keys: a regular expression, and rules for gitleaks and GitHub."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database up to date and say what was done."`
	Check     checkCommand     `cmd:"" help:"Say whether the database and its audit log are whole, and print the heads of the log."`
	Copy      copyCommand      `cmd:"" help:"Move to PostgreSQL: copy everything there, and compare. May be repeated."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// errUsage is a wrong use of the command line that kong can't see.
type errUsage struct{ message string }

func (e errUsage) Error() string { return e.message }

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run does what the arguments say and returns the exit code. A failure is one
// line on the error stream.
func run(args []string, io streams) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c, kong.Name("keylodge"), kong.Description("The API-keys page of a workspace."),
		kong.DefaultEnvars("KEYLODGE"), kong.Writers(io.out, io.err), kong.Exit(func(code int) { exit = code }),
		kong.Vars{"leak_keys_url": leaks.KeysURL},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Bind(io))
	if err != nil {
		fmt.Fprintln(io.err, "keylodge:", err)
		return exitFailed
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // --help has been answered
		return exit
	}
	if err != nil {
		return fail(io, errUsage{err.Error() + " (see keylodge --help)"})
	}
	return fail(io, command.Run())
}

func fail(io streams, err error) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(io.err, "keylodge:", oneLine(err))
	if _, usage := errors.AsType[errUsage](err); usage {
		return exitUsage
	}
	return exitFailed
}

// oneLine keeps what a person can act on: what is wrong with which field, or
// else the message and the cause.
func oneLine(err error) string {
	if e, ok := errors.AsType[*workspace.Error](err); ok && len(e.Fields) > 0 {
		var all []string
		for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
			all = append(all, name+": "+e.Fields[name])
		}
		return strings.Join(all, " ")
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}
