package supervisor

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/headwatch/headwatch/sdk"
	"github.com/headwatch/headwatch/sdk/wire"
)

// releasedDir holds the descriptors that were kept. The test binary is a plugin of
// each release under the descriptor's name, and knows nothing of the protocol but
// that descriptor.
const releasedDir = "../../../sdk/proto/released"

// serveReleased is a head source that was built when its protocol was released.
func serveReleased(name string) {
	files, err := readReleased(filepath.Join(releasedDir, name+".binpb"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	path := filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "released")
	listener, err := net.Listen("unix", path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server := grpc.NewServer(grpc.UnknownServiceHandler(answerReleased(files)))
	healthy := health.NewServer()
	healthy.SetServingStatus(goplugin.GRPCServiceName, grpc_health_v1.HealthCheckResponse_SERVING)
	grpc_health_v1.RegisterHealthServer(server, healthy)
	fmt.Printf("1|1|unix|%s|grpc\n", path)
	go func() {
		untilHostEnds()
		os.Exit(0)
	}()
	_ = server.Serve(listener)
}

func readReleased(path string) (*protoregistry.Files, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(data, set); err != nil {
		return nil, err
	}
	return protodesc.NewFiles(set)
}

// releasedAnswers are what the plugin says, in the words of its release.
func releasedAnswers() map[string]string {
	return map[string]string{
		"GetInfo":        `{"name": "released", "version": "0.1.0", "kinds": ["head_source"]}`,
		"GetSchema":      `{"config": {"attributes": [{"name": "best", "type": "ATTRIBUTE_TYPE_INTEGER", "required": true}]}, "target": {}}`,
		"ValidateConfig": `{"diagnostics": [{"severity": "SEVERITY_WARNING", "summary": "an old plugin"}]}`,
		"Configure":      `{}`,
		"GetHead":        fmt.Sprintf(`{"best": "42", "finalized": "%d"}`, os.Getpid()),
	}
}

// answerReleased answers every method that the release had.
func answerReleased(files *protoregistry.Files) grpc.StreamHandler {
	return func(_ any, stream grpc.ServerStream) error {
		name, _ := grpc.MethodFromServerStream(stream)
		full := protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(name, "/"), "/", "."))
		descriptor, err := files.FindDescriptorByName(full)
		method, ok := descriptor.(protoreflect.MethodDescriptor)
		answer, known := releasedAnswers()[string(full.Name())]
		if err != nil || !ok || !known {
			return status.Error(codes.Unimplemented, "not of this release")
		}
		if err := stream.RecvMsg(dynamicpb.NewMessage(method.Input())); err != nil {
			return err
		}
		message := dynamicpb.NewMessage(method.Output())
		if err := protojson.Unmarshal([]byte(answer), message); err != nil {
			return status.Error(codes.Internal, err.Error())
		}
		return stream.SendMsg(message)
	}
}

// TestReleasedPluginsWork is the promise of a major version: a plugin that was
// built at any release of it is started, configured, used and brought back.
func TestReleasedPluginsWork(t *testing.T) {
	names := releases()
	if len(names) == 0 {
		t.Fatal("there is no release")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			s := newSupervisor(t, slog.New(slog.DiscardHandler))
			spec := spec(plugins(t), name)
			spec.Kind, spec.ConfigJSON = sdk.KindHeadSource, []byte(`{"best": 42}`)
			client, stop, err := open(context.Background(), s, spec)
			if err != nil {
				t.Fatal(err)
			}
			askReleased(t, client)
			stop()
			p, _ := keep(t, s, spec)
			first, err := head(p)
			if err != nil || first.Best != 42 {
				t.Fatalf("got %v, %v", first, err)
			}
			if err := syscall.Kill(int(*first.Finalized), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			eventually(t, "a new process", func() bool {
				again, err := head(p)
				return err == nil && again.Best == 42 && *again.Finalized != *first.Finalized
			})
		})
	}
}

func askReleased(t *testing.T, client *wire.Client) {
	t.Helper()
	ctx := context.Background()
	config, _, err := client.Schema(ctx)
	if err != nil || len(config.Attributes) != 1 || config.Attributes[0].Type != sdk.TypeInteger || !config.Attributes[0].Required {
		t.Errorf("got schema %v, %v", config, err)
	}
	said, err := client.ValidateConfig(ctx, []byte(`{"best": 42}`), nil)
	if err != nil || len(said) != 1 || !said[0].Warning || said[0].Summary != "an old plugin" {
		t.Errorf("got %v, %v", said, err)
	}
}

// releases are the names of the kept descriptors.
func releases() []string {
	paths, err := filepath.Glob(filepath.Join(releasedDir, "*.binpb"))
	if err != nil {
		panic(err)
	}
	var names []string
	for _, path := range paths {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".binpb"))
	}
	return names
}
