// Command keylodge runs Keylodge, and administers an installation while it
// runs.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/keylodge/keylodge/internal/workspace"
)

// commands is the command line. Each flag has an environment variable of its
// name: --base-url is KEYLODGE_BASE_URL.
type commands struct {
	Serve     serveCommand     `cmd:"" default:"withargs" help:"Serve the pages and the API (the default)."`
	Demo      demoCommand      `cmd:"" help:"Serve a filled sample workspace from a temporary folder."`
	Workspace workspaceCommand `cmd:"" help:"Create, disable and enable workspaces."`
	User      userCommand      `cmd:"" help:"Add members, change them, and help them sign in."`
	Key       keyCommand       `cmd:"" help:"Add, list, disable and revoke API keys."`
	Patterns  patternsCommand  `cmd:"" help:"Print a regular expression and scanner rules that find leaked keys."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database up to date."`
	Check     checkCommand     `cmd:"" help:"Check the database and its audit log, and print the log's heads."`
	Copy      copyCommand      `cmd:"" help:"Copy everything to PostgreSQL and compare. May be repeated."`
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

// errUsage is an error in the use of the command line.
type errUsage struct{ message string }

func (e errUsage) Error() string { return e.message }

func main() {
	os.Exit(run(context.Background(), os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run runs the command that the arguments name and returns the exit code. A
// failure is one line on the error stream. Serving ends when ctx does.
func run(ctx context.Context, args []string, std streams) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c, kong.Name("keylodge"), kong.Description("The API-keys page of a workspace."),
		kong.DefaultEnvars("KEYLODGE"), kong.Writers(std.out, std.err), kong.Exit(func(code int) { exit = code }),
		vars,
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(std))
	if err != nil {
		return fail(std, err)
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // --help was given
		return exit
	}
	if err != nil {
		return fail(std, errUsage{err.Error() + " (see keylodge --help)"})
	}
	return fail(std, command.Run())
}

// fail prints err, if any, and returns the exit code for it.
func fail(std streams, err error) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(std.err, "keylodge:", oneLine(err))
	if _, usage := errors.AsType[errUsage](err); usage {
		return exitUsage
	}
	return exitFailed
}

// oneLine returns an error as one line: what is wrong with each field or,
// without fields, the message with its cause.
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
