package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/beevik/etree"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/html"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/structpb"
	"gopkg.in/yaml.v3"
	corev1 "k8s.io/api/core/v1"
)

const podText = `{"metadata":{"name":"pod-%d","namespace":"default","labels":{"app":"web","n":"%d"},
"annotations":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"nginx:1.%d","env":[{"name":"A","value":"B"}],
"ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"500m","memory":"128Mi"}}}],
"volumes":[{"name":"v","emptyDir":{}}]},"status":{"phase":"Running","podIP":"10.0.0.1"}}`

var documents = map[string]func() any{
	"Kubernetes pods": func() any {
		all := make([]*corev1.Pod, 5000)
		for i := range all {
			all[i] = new(corev1.Pod)
			if err := json.Unmarshal(fmt.Appendf(nil, podText, i, i, i), all[i]); err != nil {
				panic(err)
			}
		}
		return all
	},
	"decoded JSON": func() any {
		var all any
		text := "[" + strings.Repeat(fmt.Sprintf(podText, 1, 2, 3)+",", 5000) + "1]"
		if err := json.Unmarshal([]byte(text), &all); err != nil {
			panic(err)
		}
		return all
	},
	"yaml nodes": func() any {
		n := new(yaml.Node)
		text := program(5000, "- name: x%d\n  list: [1, 2, %d]\n  map: {a: b, c: %d}\n")
		if err := yaml.Unmarshal([]byte(text), n); err != nil {
			panic(err)
		}
		return n
	},
	"html tree": func() any {
		return must(html.Parse(strings.NewReader(program(5000,
			"<div id=x%d class=\"a b\"><p>text <b>%d</b> more</p><ul><li>one<li>two %d</ul></div>"))))
	},
	"XML tree": func() any {
		d := etree.NewDocument()
		if err := d.ReadFromString("<r>" + program(8000, "<a id=\"%d\"><b>%d</b><c/>text %d</a>") + "</r>"); err != nil {
			panic(err)
		}
		return d
	},
	"TOML": func() any {
		var all map[string]any
		must(toml.Decode(program(5000, "[t%d]\nname = \"x%d\"\nlist = [1, 2, %d]\n"), &all))
		return all
	},
	"HCL": func() any {
		file, diagnostics := hclsyntax.ParseConfig([]byte(program(2000,
			"resource \"a\" \"r%d\" {\n  name = \"x-${var.y}-%d\"\n  n = %d + 1\n}\n")), "x.hcl", hcl.InitialPos)
		if diagnostics.HasErrors() {
			panic(diagnostics)
		}
		return file
	},
	"Markdown tree": func() any {
		source := []byte(program(3000, "# Title %d\n\nSome *text* with `code` and [a link](http://x/%d).\n\n- one\n- two %d\n\n"))
		return goldmark.DefaultParser().Parse(text.NewReader(source))
	},
	"protobuf Struct": func() any {
		var all []*structpb.Struct
		for i := range 5000 {
			all = append(all, must(structpb.NewStruct(map[string]any{"name": fmt.Sprint("x", i), "n": i,
				"list": []any{1, "two", true}, "map": map[string]any{"a": "b"}})))
		}
		return all
	},
	"protobuf descriptors": func() any {
		var all []proto.Message
		for range 40 {
			for _, f := range []protoreflect.FileDescriptor{descriptorpb.File_google_protobuf_descriptor_proto,
				structpb.File_google_protobuf_struct_proto} {
				all = append(all, protodesc.ToFileDescriptorProto(f))
			}
		}
		return all
	},
}
