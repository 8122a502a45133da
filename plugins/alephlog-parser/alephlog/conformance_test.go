package alephlog

import (
	"testing"

	"github.com/headwatch/headwatch/sdk/plugintest"
)

func TestConformance(t *testing.T) { plugintest.LogParser(t, info(), New) }
