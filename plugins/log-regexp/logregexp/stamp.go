package logregexp

// stamps are the forms of a stamp, up to its fraction: 0 is a digit, a is a
// letter.
func stamps() []string {
	return []string{
		"0000-00-00T00:00:00", "0000-00-00 00:00:00", "0000-00-00|00:00:00", "00-00|00:00:00",
		"aaa 00 00:00:00", "aaa  0 00:00:00", "aaa 0 00:00:00",
		"00:00:00", "00:00aa", "0:00aa",
	}
}

// cutStamp takes off a stamp, which may stand in brackets, with a fraction and
// a zone.
func cutStamp(text []byte) ([]byte, bool) {
	inner, bracket := text, false
	if len(text) > 0 && text[0] == '[' {
		inner, bracket = text[1:], true
	}
	if len(inner) == 0 || !isDigit(inner[0]) && !isLetter(inner[0]) {
		return text, false
	}
	for _, form := range stamps() {
		if !hasForm(inner, form) {
			continue
		}
		rest := cutZone(cutFraction(inner[len(form):]))
		if after, ok := cutPrefix(rest, "]"); ok && bracket {
			rest = after
		}
		if len(rest) > 0 && rest[0] == ':' {
			rest = rest[1:]
		}
		// A stamp ends at a blank; anything else is a word that looks like one.
		if len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t' {
			return rest, true
		}
	}
	return text, false
}

func hasForm(text []byte, form string) bool {
	if len(text) < len(form) {
		return false
	}
	for i := range len(form) {
		switch c := text[i]; form[i] {
		case '0':
			if !isDigit(c) {
				return false
			}
		case 'a':
			if !isLetter(c) {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return true
}

// cutFraction takes off ".525" or ",525".
func cutFraction(text []byte) []byte {
	if len(text) < 2 || text[0] != '.' && text[0] != ',' || !isDigit(text[1]) {
		return text
	}
	n := 2
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return text[n:]
}

// cutZone takes off "Z", "+0200" or "+02:00".
func cutZone(text []byte) []byte {
	if rest, ok := cutPrefix(text, "Z"); ok {
		return rest
	}
	if len(text) == 0 || text[0] != '+' && text[0] != '-' {
		return text
	}
	for _, form := range []string{"00:00", "0000"} {
		if hasForm(text[1:], form) {
			return text[1+len(form):]
		}
	}
	return text
}
