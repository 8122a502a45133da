// Command broken is every plugin that is broken on purpose: the name that it is
// started by says which. "make broken-plugins" gives it its names; --list says
// them. They are the conformance kit's own tests, and of no other use.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/headwatch/headwatch/sdk/conformance/internal/faulty"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--list" {
		for _, name := range faulty.Names() {
			fmt.Println(name)
		}
		return
	}
	os.Exit(faulty.Main(filepath.Base(os.Args[0])))
}
