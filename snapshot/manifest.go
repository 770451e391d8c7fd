package snapshot

import "strings"

// A stream may carry what its writer knew of the Go types: as the name of a type that no value
// uses. encoding/gob reads the definition, as it must, and ignores it. Package manifest writes it.
const (
	// ManifestID is the type id of such a definition: encoding/gob counts up from 65.
	ManifestID = 1 << 30
	// ManifestPrefix is how such a name begins; what follows is JSON.
	ManifestPrefix = "memsize/layout/1 "

	maxManifest = 4 << 20 // bytes of the name that are kept
)

// manifestName reads a name in the definition of the type ManifestID: of a manifest, which is kept
// whole if it is the first, or of another type that happens to have the id.
func (s *scanner) manifestName(n uint64) string {
	s.charge(int64(n))
	text := s.text(n, maxManifest)
	if content, ok := strings.CutPrefix(string(text), ManifestPrefix); ok && s.manifest == nil {
		s.manifest = []byte(content)
		return ""
	}
	s.memory -= int64(n)
	s.chargeStream(int64(min(n, maxName)))
	return string(text[:min(len(text), maxName)])
}
