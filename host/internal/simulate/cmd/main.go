// Command cmd compares watchers over random nights, and prints a table. It is what
// make simulate runs.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/headwatch/headwatch/host/internal/simulate"
)

func main() {
	nights := flag.Int("nights", 2000, "how many nights")
	first := flag.Int("first", 0, "the seed of the first night")
	examples := flag.String("examples", "examples", "the folder of monitor.hcl and careful.hcl")
	verbose := flag.Bool("v", false, "print each fault of careful")
	flag.Parse()
	if err := run(*examples, *first, *nights, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
}

func run(examples string, first, nights int, verbose bool) error {
	contenders, err := simulate.Contenders(examples)
	if err != nil {
		return err
	}
	tallies := simulate.Compare(contenders, first, nights)
	if verbose {
		for _, fault := range tallies[1].Faults {
			fmt.Println(fault)
		}
	}
	fmt.Printf("%d nights of %v\n", nights, simulate.Length)
	return simulate.Print(os.Stdout, tallies)
}
