package handshake

// maxName bounds a name, in bytes.
const maxName = 128

// IsName says whether an attribute, a block or a fact may be called so in a
// configuration.
func IsName(s string) bool {
	for i, r := range s {
		switch {
		case r == '_', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		case i > 0 && (r == '-' || '0' <= r && r <= '9'):
		default:
			return false
		}
	}
	return s != "" && len(s) <= maxName
}
