// Package hazard judges the form of a hazard.
package hazard

import (
	"fmt"
	"regexp"
	"strings"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// form is that of a hazard's id.
var form = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// Wrong says what is wrong with a hazard, where those of the ids seen came before it;
// empty for nothing.
func Wrong(h *pluginv1.Hazard, seen map[string]bool) string {
	_, known := pluginv1.HazardLevel_name[int32(h.GetLevel())]
	switch {
	case !form.MatchString(h.GetId()):
		return "the id is no identifier"
	case seen[h.GetId()]:
		return "the id is given twice"
	case !known || h.GetLevel() == pluginv1.HazardLevel_HAZARD_LEVEL_UNSPECIFIED:
		return fmt.Sprintf("the level is %d", h.GetLevel())
	case strings.TrimSpace(h.GetWhat()) == "":
		return "it does not say what it is"
	case strings.TrimSpace(h.GetMend()) == "":
		return "it does not say how to mend it"
	}
	return ""
}
