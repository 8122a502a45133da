package preflight

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/headwatch/headwatch/plugins/docker-restart/docker"
)

// PurgeBeforeStart is what is said of a node that this variable makes begin
// anew.
const PurgeBeforeStart = "PURGE_BEFORE_START is set: the node deletes its chain at every start"

// What in a command makes a node begin without its chain. The flags of a
// development chain do only where no folder is named.
var (
	purgingWords = []string{"--purge-chain", "--tmp", "purge-chain", "unsafe-reset-all", "removedb"}
	folderFlags  = []string{"--base-path", "-d", "--datadir", "--data-dir", "--home"}
)

func purge(s Scene) (what, mend string) {
	for _, variable := range s.Env {
		if value, ok := strings.CutPrefix(variable, "PURGE_BEFORE_START="); ok && truthy(value) {
			return PurgeBeforeStart, "take PURGE_BEFORE_START out of the container's environment and make the container anew"
		}
	}
	words := words(s.Container)
	for _, word := range words {
		flag, value, given := strings.Cut(word, "=")
		purging := slices.Contains(purgingWords, flag) || flag == "--dev" && !slices.ContainsFunc(words, namesFolder)
		if purging && (!given || truthy(value)) {
			return "the container's command has " + word + ": the node begins without its chain at every start",
				"take " + word + " out of the container's command and make the container anew"
		}
	}
	return "", ""
}

func namesFolder(word string) bool {
	flag, _, _ := strings.Cut(word, "=")
	return slices.Contains(folderFlags, flag)
}

func truthy(value string) bool {
	switch strings.ToLower(strings.Trim(strings.TrimSpace(value), `"'`)) {
	case "true", "1", "yes", "y", "on":
		return true
	}
	return false
}

// words are those of a container's command, with those of a shell's text one by
// one.
func words(c docker.Container) []string {
	all := append([]string{c.Program}, c.Args...)
	if text, ok := script(c); ok {
		all = append(all, strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n;&|()'\"`", r) })...)
	}
	return all
}

// IsShell says whether a program is a shell, by its name.
func IsShell(program string) bool {
	switch path.Base(program) {
	case "sh", "bash", "ash", "dash", "zsh":
		return true
	}
	return false
}

// withText is a shell's option to run the text of an argument.
var withText = regexp.MustCompile(`^-[a-z]*c[a-z]*$`)

// handsOver is in a text whose shell is replaced by the node, or sees to signals.
var handsOver = regexp.MustCompile(`(^|[\s;&|({])(exec\s+[^\s<>\d&]|trap\s)`)

// script is the text that a container's first process runs, where that is a
// shell with a text.
func script(c docker.Container) (string, bool) {
	if !IsShell(c.Program) {
		return "", false
	}
	for i, arg := range c.Args {
		switch {
		case withText.MatchString(arg) && i+1 < len(c.Args):
			return c.Args[i+1], true
		case !strings.HasPrefix(arg, "-") && !(i > 0 && c.Args[i-1] == "-o"):
			return "", false
		}
	}
	return "", false
}
