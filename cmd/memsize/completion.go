package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

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

// completionCode makes each shell ask the program itself, as bash does for complete -C: with the
// command line in COMP_LINE, and the place of the cursor in COMP_POINT.
var completionCode = map[string]string{
	"bash": "complete -o bashdefault -o default -C memsize memsize",
	"zsh":  "autoload -U +X bashcompinit && bashcompinit && complete -o default -C memsize memsize",
	"fish": "complete -c memsize -f -a '(env COMP_LINE=(commandline -cp) memsize)'",
}

// Run prints the code.
func (c completionCommand) Run(std *streams) error {
	_, err := fmt.Fprintln(std.out, completionCode[c.Shell])
	return err
}

// completes answers a shell that asks how a command line could go on. It tells whether one has asked.
func completes(std *streams, parser *kong.Kong) (asked bool, err error) {
	line, asked := os.LookupEnv("COMP_LINE")
	if !asked {
		return false, nil
	}
	if at, err := strconv.Atoi(os.Getenv("COMP_POINT")); err == nil && at >= 0 && at <= len(line) {
		line = line[:at]
	}
	for _, candidate := range candidates(parser.Model.Node, line) {
		if _, err := fmt.Fprintln(std.out, candidate); err != nil {
			return true, err
		}
	}
	return true, nil
}

// candidates are the words that the last of a command line could become.
func candidates(program *kong.Node, line string) (list []string) {
	words := strings.Fields(line)
	last := ""
	if !strings.HasSuffix(line, " ") && len(words) > 0 {
		last, words = words[len(words)-1], words[:len(words)-1]
	}
	command, flags := program, program.Flags
	for _, word := range words[min(1, len(words)):] {
		if child := commandNamed(program, word); child != nil && command == program {
			command = child
		}
	}
	if command != program {
		flags = append(slices.Clip(flags), command.Flags...)
	} else if program.DefaultCmd != nil {
		flags = append(slices.Clip(flags), program.DefaultCmd.Flags...)
	}
	if len(words) > 0 {
		if f := flagNamed(flags, words[len(words)-1]); f != nil && !f.IsBool() {
			return starting(last, valuesOf(f, last))
		}
	}
	if name, value, ok := strings.Cut(last, "="); ok && flagNamed(flags, name) != nil {
		return starting(value, valuesOf(flagNamed(flags, name), value)) // = begins a word in bash
	}
	if strings.HasPrefix(last, "-") {
		for _, f := range flags {
			list = append(list, "--"+f.Name)
		}
		return starting(last, list)
	}
	for _, argument := range command.Positional {
		if argument.Enum != "" {
			return starting(last, strings.Split(argument.Enum, ","))
		}
	}
	if command == program {
		for _, child := range program.Children {
			list = append(list, child.Name)
		}
	}
	return starting(last, append(list, filesLike(last)...))
}

func commandNamed(program *kong.Node, name string) *kong.Node {
	for _, child := range program.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

func flagNamed(flags []*kong.Flag, word string) *kong.Flag {
	for _, f := range flags {
		if word == "--"+f.Name || f.Short != 0 && word == "-"+string(f.Short) {
			return f
		}
	}
	return nil
}

// valuesOf are the values that a flag may have: those of its list, models, or files.
func valuesOf(f *kong.Flag, last string) []string {
	switch f.Tag.Get("predictor") {
	case "model":
		return rules.Names()
	case "file":
		return filesLike(last)
	}
	if f.Enum == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(f.Enum, ","), ",")
}

// filesLike are the files whose names begin with a word, folders with a slash behind.
func filesLike(word string) (list []string) {
	dir, _ := filepath.Split(word)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if dir != "" && err != nil {
		return nil
	}
	for _, e := range entries {
		name := dir + e.Name()
		if e.IsDir() {
			name += string(filepath.Separator)
		}
		list = append(list, name)
	}
	return list
}

// starting are those of a list that begin with a word, each once, sorted.
func starting(word string, list []string) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(s string) bool { return !strings.HasPrefix(s, word) })
}
