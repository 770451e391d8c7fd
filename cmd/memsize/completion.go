package main

import (
	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"
	"github.com/posener/complete"

	"github.com/bitcoin-mem/memsize/rules"
)

// completionCommand prints what makes a shell complete our command lines.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help says where the code goes.
func (completionCommand) Help() string {
	return `Code that makes a shell complete memsize's command lines. For this session, or for all in
the shell's own init file:

  source <(memsize completion bash)
  source <(memsize completion zsh)
  memsize completion fish | source`
}

// Run prints the code.
func (c completionCommand) Run(parsed *kong.Context) error {
	return (&kongcompletion.Completion{Shell: c.Shell, Code: true}).Run(parsed)
}

// completes answers a shell that asks, by COMP_LINE in the environment, how a command line could
// go on. It tells whether one has asked.
func completes(parser *kong.Kong) (asked bool, err error) {
	command, err := kongcompletion.Command(parser,
		kongcompletion.WithPredictor("file", complete.PredictFiles("*")),
		kongcompletion.WithPredictor("model", complete.PredictSet(rules.Names()...)))
	if err != nil {
		return false, err
	}
	size := command.Sub["size"] // the default command, whose name can be left out
	command.Flags, command.Args = size.GlobalFlags, size.Args
	shell := complete.New(parser.Model.Name, command)
	shell.Out = parser.Stdout
	return shell.Complete(), nil
}
