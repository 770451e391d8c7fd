package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"github.com/bitcoin-mem/memsize/snapshot"
)

// many is a text again and again, with commas between, about size bytes of it.
func many(text string, size int) string {
	return strings.Repeat(text+",", size/(len(text)+1)) + text
}

// numbered is a list of n texts made from their number.
func numbered(n int, text func(i int) string) string {
	var list []string
	for i := range n {
		list = append(list, text(i))
	}
	return strings.Join(list, ",")
}

// hostileCensuses are saved censuses that no scan wrote, some KB each once compressed.
func hostileCensuses() map[string]string {
	const head = `{"schema":"memsize-census/1","stream":{"input_bytes":1,"bytes":1,"messages":1,` +
		`"values":1,"encoders":1,"biggest":20`
	const size = 38 << 20
	types := func(types, sites string) string {
		return head + `},"types":[` + types + `],"sites":[` + sites + `]}`
	}
	const one = `{"type":1,"count":1}`
	structs := func(n, fields, next int, prefix string) string {
		return numbered(n, func(i int) string {
			list := numbered(fields, func(f int) string { return fmt.Sprintf(`{"name":"f%d","type":%d}`, f, i+next) })
			return `{"kind":"struct","name":"` + prefix + `","fields":[` + list + `]}`
		}) + `,{"kind":"int"}`
	}
	return map[string]string{
		"fields":         types(`{"kind":"struct","fields":[`+many(`{}`, size)+`]}`, one),
		"named fields":   types(`{"kind":"struct","fields":[`+many(`{"name":"a"}`, size)+`]}`, one),
		"types":          types(many(`{"kind":"slice","elem":1}`, size), one),
		"builtin types":  types(many(`{"kind":"int"}`, size), one),
		"types in types": types(structs(40_000, 2, 2, ""), one),
		"literals": types(numbered(12_000, func(i int) string {
			return fmt.Sprintf(`{"kind":"slice","name":"%s*T%d","elem":%d}`, strings.Repeat("[]", 150)+strings.Repeat("map[string]", 190), i, i+2)
		})+`,{"kind":"int"}`, `{"type":1,"count":1,"lengths":[[0,1]]}`),
		"one site again":   types(`{"kind":"int"}`, many(one, size)),
		"lengths":          types(`{"kind":"string"}`, `{"type":1,"count":1,"lengths":[`+many(`[]`, size)+`]}`),
		"good lengths":     types(`{"kind":"string"}`, `{"type":1,"count":100000,"lengths":[`+numbered(100_000, func(i int) string { return fmt.Sprintf("[%d,1]", 1000*i) })+`]}`),
		"open structs":     types(`{"kind":"struct","fields":[{"name":"a"}]}`, `{"type":1,"count":1,"open":[`+many(`[0,0]`, size)+`]}`),
		"entries":          types(`{"kind":"slice"}`, `{"type":1,"count":1,"biggest":[`+many(`{"key":"1"}`, size)+`]}`),
		"boxes":            types(`{"kind":"interface"},{"kind":"int"}`, `{"type":1,"count":9},`+numbered(30_000, func(i int) string { return fmt.Sprintf(`{"parent":1,"part":%d,"type":2,"name":"n%d","count":1}`, i, i) })),
		"payloads":         types(`{"kind":"opaque","opaque":"GobEncoder"},{"kind":"int"}`, `{"type":1,"count":1,"lengths":[[5,1]],"payload":[`+many("2", 1<<18)+`]}`),
		"long name":        types(`{"kind":"struct","name":"`+strings.Repeat("n", size)+`"}`, one),
		"windows":          head + `},"sample":{"windows":[` + many(`[0,0,0]`, size) + `]}}`,
		"values":           head + `},"sample":{"values":"` + strings.Repeat("A", size) + `"}}`,
		"warnings":         head + `,"warnings":[` + many(`{}`, size) + `]}}`,
		"manifest":         head + `,"manifest":"` + strings.Repeat(`\u0041`, size/6) + `"}}`,
		"unknown":          head + `},"x":[` + many(`{}`, size) + `]}`,
		"unknown, deep":    head + `},"x":` + strings.Repeat("[", size),
		"members, again":   head + `},` + many(`"types":[]`, size) + `}`,
		"spaces":           head + `}` + strings.Repeat(" ", size) + `}`,
		"beyond the limit": head + `}` + strings.Repeat(" ", 41<<20) + `}`,
	}
}

// manifested is a gob with a manifest.
func manifested(text string) []byte {
	const id = snapshot.ManifestID
	number := func(n uint64) []byte { return []byte{0xfc, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} }
	name := snapshot.ManifestPrefix + text
	body := bytes.Join([][]byte{number((id-1)<<1 | 1), {5, 1, 1}, number(uint64(len(name))), []byte(name),
		{1}, number(id << 1), {0, 0, 0}}, nil)
	// A value struct{A int} of type T.
	const value = "\x15\xff\x81\x03\x01\x01\x01T\x01\xff\x82\x00\x01\x01\x01\x01A\x01\x04\x00\x00\x00" +
		"\x05\xff\x82\x01\x0a\x00"
	return bytes.Join([][]byte{number(uint64(len(body))), body, []byte(value)}, nil)
}

// hostileManifests are manifests that no program wrote: all are to be a warning at most.
func hostileManifests() map[string]string {
	const head = `{"schema":"memsize-layout/1","type":1,"types":[`
	const size = 4<<20 - 500
	const t = `{"kind":"struct","name":"T","fields":[{"name":"A","type":2},{"name":"B","type":3}]},{"kind":"int"}`
	layout := func(types, rest string) string { return `{"layout":` + head + types + `]` + rest + `}}` }
	return map[string]string{
		"types":        layout(many(`{}`, size), ""),
		"good types":   layout(t+","+many(`{"kind":"int"}`, size), ""),
		"fields":       layout(`{"kind":"struct","fields":[`+many(`{}`, size)+`]}`, ""),
		"good fields":  layout(`{"kind":"struct","fields":[`+many(`{"type":2}`, size/3)+`]},{"kind":"int"}`, ""),
		"figures":      `{"figures":[` + many(`{}`, size) + `]}`,
		"known":        layout(t, `,"known":[`+many("1", size)+`]`),
		"two layouts":  `{"layout":{},"layout":{}}`,
		"no layout":    `{}`,
		"no JSON":      strings.Repeat("x", size),
		"bad tag":      layout(`{"kind":"struct","name":"T","fields":[{"name":"A","type":2,"memusage":"prevector=18446744073709551615"}]},{"kind":"int"}`, ""),
		"no such rule": layout(`{"kind":"struct","name":"T","fields":[{"name":"A","type":2,"memusage":"vektor"}]},{"kind":"int"}`, ""),
		"rule of itself": layout(`{"kind":"struct","name":"T","fields":[{"name":"A","type":2},{"name":"B","type":3,"memusage":"prevector=4"}]},`+
			`{"kind":"int"},{"kind":"slice","elem":1}`, ""),
		"tags": layout(`{"kind":"struct","name":"T","fields":[{"name":"A","type":2},`+numbered(20_000, func(i int) string {
			return fmt.Sprintf(`{"name":"f%d","type":3,"memusage":"prevector=%d"}`, i, i+1)
		})+`]},{"kind":"int"},{"kind":"slice","elem":2}`, ""),
		"tags in types": layout(t+","+numbered(250, func(i int) string {
			return fmt.Sprintf(`{"kind":"struct","fields":[{"name":"a","type":%d},{"name":"b","type":%d,"memusage":"_"}]}`, i+4, i+4)
		})+`,{"kind":"int"}`, ""),
		"slices in slices": layout(strings.Replace(t, `"type":3`, `"type":3,"memusage":"vector"`, 1)+","+
			numbered(60_000, func(i int) string { return fmt.Sprintf(`{"kind":"slice","elem":%d}`, i+4) })+`,{"kind":"int"}`, ""),
	}
}

// TestHostileCensuses accounts for saved censuses and manifests that were made to break their reader,
// within the memory and, in the long runs, the time that every file has.
func TestHostileCensuses(t *testing.T) {
	b := build(t)
	files := make(map[string][]byte)
	for name, text := range hostileCensuses() {
		files["census of "+name] = []byte(text)
	}
	for name, text := range hostileManifests() {
		files["manifest of "+name] = manifested(text)
	}
	for name, content := range files {
		t.Run(name, func(t *testing.T) {
			var zip bytes.Buffer
			w := gzip.NewWriter(&zip)
			_, err := w.Write(content)
			require.NoError(t, err)
			require.NoError(t, w.Close())
			spent, messages := b.run(t, nil, writeFile(t, "file.gz", zip.Bytes()))
			t.Logf("exit %d, %.1f MiB, %v: %.300s", spent.Code, float64(spent.Peak)/(1<<20), spent.CPU, messages)
			require.LessOrEqual(t, spent.Peak, int64(64<<20))
			if os.Getenv(limitsVariable) != "" {
				require.LessOrEqual(t, spent.CPU, 2*time.Second)
			}
			if strings.HasPrefix(name, "manifest") {
				require.Zero(t, spent.Code, "it is priced from the wire then")
			} else {
				require.Contains(t, []int{exitOK, exitInput, exitLimit}, spent.Code)
			}
		})
	}
}
