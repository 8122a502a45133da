package pluginv1_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	pluginv1 "github.com/headwatch/headwatch/sdk/proto/headwatch/plugin/v1"
)

// released reads a protocol as it was released.
func released(t *testing.T, path string) protoreflect.FileDescriptor {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(data, set); err != nil {
		t.Fatal(err)
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		t.Fatal(err)
	}
	file, err := files.FindFileByPath("headwatch/plugin/v1/plugin.proto")
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestProtocolOnlyGrows holds the protocol to what was released under its major
// version: a plugin that was built then still means the same by every byte.
func TestProtocolOnlyGrows(t *testing.T) {
	paths, err := filepath.Glob("../../../released/v1-*.binpb")
	if err != nil || len(paths) == 0 {
		t.Fatalf("found %v, %v", paths, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			for _, lost := range losses(released(t, path), pluginv1.File_headwatch_plugin_v1_plugin_proto) {
				t.Error(lost)
			}
		})
	}
}

// losses says what of a released protocol another one lacks or has changed.
func losses(old, now protoreflect.FileDescriptor) []string {
	var lost []string
	for i := range old.Messages().Len() {
		was := old.Messages().Get(i)
		is := now.Messages().ByName(was.Name())
		if is == nil {
			lost = append(lost, "message "+string(was.FullName())+" is gone")
			continue
		}
		for j := range was.Fields().Len() {
			if field := was.Fields().Get(j); !sameField(field, is.Fields().ByNumber(field.Number())) {
				lost = append(lost, "field "+string(field.FullName())+" is gone or another")
			}
		}
	}
	for i := range old.Enums().Len() {
		was := old.Enums().Get(i)
		is := now.Enums().ByName(was.Name())
		for j := range was.Values().Len() {
			value := was.Values().Get(j)
			if is == nil || is.Values().ByNumber(value.Number()) == nil || is.Values().ByNumber(value.Number()).Name() != value.Name() {
				lost = append(lost, "value "+string(value.FullName())+" is gone or another")
			}
		}
	}
	return append(lost, lostMethods(old, now)...)
}

// sameField compares what decides over a field's bytes and its name in JSON.
func sameField(was, is protoreflect.FieldDescriptor) bool {
	if is == nil || was.Name() != is.Name() || was.Kind() != is.Kind() || was.Cardinality() != is.Cardinality() || was.HasPresence() != is.HasPresence() {
		return false
	}
	switch {
	case was.Message() != nil:
		return was.Message().FullName() == is.Message().FullName()
	case was.Enum() != nil:
		return was.Enum().FullName() == is.Enum().FullName()
	}
	return true
}

func lostMethods(old, now protoreflect.FileDescriptor) []string {
	var lost []string
	for i := range old.Services().Len() {
		was := old.Services().Get(i)
		is := now.Services().ByName(was.Name())
		for j := range was.Methods().Len() {
			method := was.Methods().Get(j)
			if is == nil || !sameMethod(method, is.Methods().ByName(method.Name())) {
				lost = append(lost, "method "+string(method.FullName())+" is gone or another")
			}
		}
	}
	return lost
}

func sameMethod(was, is protoreflect.MethodDescriptor) bool {
	return is != nil && was.Input().FullName() == is.Input().FullName() && was.Output().FullName() == is.Output().FullName() &&
		was.IsStreamingServer() == is.IsStreamingServer() && was.IsStreamingClient() == is.IsStreamingClient()
}

// TestLossesSeesThem changes the protocol and asks what is lost.
func TestLossesSeesThem(t *testing.T) {
	cases := map[string]struct {
		change func(*descriptorpb.FileDescriptorProto)
		want   string
	}{
		"a field is renumbered": {func(f *descriptorpb.FileDescriptorProto) {
			message(f, "GetHeadResponse").Field[0].Number = proto.Int32(99)
		},
			"field headwatch.plugin.v1.GetHeadResponse.best is gone or another"},
		"a field has another type": {func(f *descriptorpb.FileDescriptorProto) {
			message(f, "GetHeadResponse").Field[0].Type = descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum()
		}, "field headwatch.plugin.v1.GetHeadResponse.best is gone or another"},
		"a value is renamed": {func(f *descriptorpb.FileDescriptorProto) { f.EnumType[0].Value[1].Name = proto.String("OTHER") },
			"is gone or another"},
		"a method is gone": {func(f *descriptorpb.FileDescriptorProto) { f.Service[0].Method = f.Service[0].Method[1:] },
			"method headwatch.plugin.v1.Plugin.GetInfo is gone or another"},
	}
	now := pluginv1.File_headwatch_plugin_v1_plugin_proto
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			changed := protodesc.ToFileDescriptorProto(now)
			c.change(changed)
			file, err := protodesc.NewFile(changed, protoregistry.GlobalFiles)
			if err != nil {
				t.Fatal(err)
			}
			lost := losses(now, file)
			if len(lost) != 1 || !strings.Contains(lost[0], c.want) {
				t.Errorf("got %q, want %q", lost, c.want)
			}
		})
	}
}

func message(f *descriptorpb.FileDescriptorProto, name string) *descriptorpb.DescriptorProto {
	for _, m := range f.MessageType {
		if m.GetName() == name {
			return m
		}
	}
	return nil
}
