// Command tree prints the figures of the source that the project aims at: the
// sizes of functions, files and packages. With -check it fails where one is
// worse than its aim. Its tests check that imports point inward. It reads the
// tree that it is started in, and changes nothing.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run returns 0 where all is well, 1 where an aim is missed or the tree cannot be
// read, and 2 for wrong usage.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("tree", flag.ContinueOnError)
	flags.SetOutput(stderr)
	check := flags.Bool("check", false, "fail where a figure is worse than its aim")
	if flags.Parse(args) != nil {
		return 2
	}
	f, err := measure(".")
	if err != nil {
		fmt.Fprintln(stderr, "tree:", err)
		return 1
	}
	f.print(stdout)
	if !*check {
		return 0
	}
	faults := f.faults()
	for _, fault := range faults {
		fmt.Fprintln(stderr, "tree:", fault)
	}
	return min(len(faults), 1)
}
