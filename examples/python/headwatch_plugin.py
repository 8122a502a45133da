"""What a plugin of headwatch in Python has to do beside its work.

A plugin gives serve() an object with

    info        a dict: name, version, description, kinds, and examples for the conformance kit
    schema      a list of Attribute, what its config block may hold
    configure(config)                 takes the config block, a dict with every default filled in

and, by its kinds,

    get_head(seconds)                 returns a plugin_pb2.GetHeadResponse within so many seconds
    parse(state, lines)               returns a new state and a list of plugin_pb2.Event

Whatever they raise is an error of that call. This file decides nothing about a node.
"""

import json
import os
import signal
import sys
import threading
import time
from concurrent import futures

import grpc

from headwatch.plugin.v1 import plugin_pb2 as pb

COOKIE = ("HEADWATCH_PLUGIN", "headwatch.plugin.v1")
PROTOCOL_VERSION = 1
MAX_MESSAGE = 16 << 20


class Unavailable(Exception):
    """It did not work this time; the host asks again at the next check."""


class Invalid(Exception):
    """The request is wrong; the host gives it up."""


class Attribute:
    """One attribute of the config block."""

    TYPES = {
        "string": (pb.ATTRIBUTE_TYPE_STRING, str),
        "integer": (pb.ATTRIBUTE_TYPE_INTEGER, int),
        "number": (pb.ATTRIBUTE_TYPE_NUMBER, (int, float)),
        "bool": (pb.ATTRIBUTE_TYPE_BOOL, bool),
        "duration": (pb.ATTRIBUTE_TYPE_DURATION, (int, float)),
    }

    def __init__(self, name, type, doc, required=False, default=None, sensitive=False, check=None):
        self.name, self.type, self.doc = name, type, doc
        self.required, self.default, self.sensitive = required, default, sensitive
        # check says in words what is wrong with a value, or nothing.
        self.check = check

    def message(self):
        default = b"" if self.default is None else json.dumps(self.default).encode()
        return pb.Attribute(name=self.name, type=self.TYPES[self.type][0], required=self.required,
                            default_json=default, description=self.doc, sensitive=self.sensitive)

    def wrong(self, value):
        kind = self.TYPES[self.type][1]
        if not isinstance(value, kind) or isinstance(value, bool) and kind is not bool:
            return f"it must be a {self.type}"
        return self.check(value) if self.check else None


def judge(schema, text):
    """Reads a config block; returns it with its defaults, and what is wrong with it."""
    try:
        given = json.loads(text or b"{}")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        return None, [diagnostic("the block is no JSON object", [])]
    known = {a.name: a for a in schema}
    found = [diagnostic(f"{name!r} is unknown here", [name]) for name in given if name not in known]
    config = {}
    for name, attribute in known.items():
        value = given.get(name)
        if value is None:
            config[name] = attribute.default
            if attribute.required:
                found.append(diagnostic("it is required", [name]))
            continue
        config[name] = value
        wrong = attribute.wrong(value)
        if wrong:
            found.append(diagnostic(wrong, [name]))
    return config, found


def diagnostic(summary, path):
    return pb.Diagnostic(severity=pb.SEVERITY_ERROR, summary=summary, path=path)


def log(level, message, **fields):
    """Writes one line that arrives in the host's log with its level and fields."""
    entry = {"@level": level, "@message": message, "@timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    print(json.dumps({**fields, **entry}), file=sys.stderr, flush=True)


class Services:
    """Serves a plugin over gRPC, by the names of the methods."""

    def __init__(self, plugin):
        self.plugin = plugin
        self.lock = threading.Lock()
        self.taken = None  # the config block in use, as it came

    def get_info(self, request, context):
        info = dict(self.plugin.info)
        examples = [pb.Example(**e) for e in info.pop("examples", [])]
        return pb.GetInfoResponse(examples=examples, **info)

    def get_schema(self, request, context):
        return pb.GetSchemaResponse(config=pb.Schema(attributes=[a.message() for a in self.plugin.schema]), target=pb.Schema())

    def validate_config(self, request, context):
        found = judge(self.plugin.schema, request.config_json)[1] if request.config_json else []
        if request.target_json:
            # Neither kind takes a target.
            for d in judge([], request.target_json)[1]:
                d.in_target = True
                found.append(d)
        return pb.ValidateConfigResponse(diagnostics=found)

    def configure(self, request, context):
        text = request.config_json or b"{}"
        with self.lock:
            if self.taken is not None:
                if self.taken != text:
                    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "configured already; another config needs another process")
                return pb.ConfigureResponse()
            config, found = judge(self.plugin.schema, text)
            if not found:
                self.plugin.configure(config)
                self.taken = text
            return pb.ConfigureResponse(diagnostics=found)

    def ready(self, context):
        if self.taken is None:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not configured yet")

    def get_head(self, request, context):
        self.ready(context)
        left = context.time_remaining()
        return self.plugin.get_head(30.0 if left is None else left)

    def parse(self, request, context):
        self.ready(context)
        state, events = self.plugin.parse(request.state, request.lines)
        return pb.ParseResponse(state=state, events=events)


def guarded(method):
    """Turns what a method raises into an error of its call."""

    def call(request, context):
        try:
            return method(request, context)
        except Unavailable as err:
            context.abort(grpc.StatusCode.UNAVAILABLE, str(err))
        except Invalid as err:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(err))
        except Exception as err:
            if context.code() is not None:
                raise  # it was aborted already
            log("error", "a call went wrong", error=repr(err))
            context.abort(grpc.StatusCode.INTERNAL, repr(err))

    return call


def handlers(services, kinds):
    """The services of the protocol, and two of the host's process library: one that
    says that the plugin is well, and one by which the host ends it."""

    def of(service, **methods):
        return grpc.method_handlers_generic_handler(service, {
            name: grpc.unary_unary_rpc_method_handler(guarded(call), request_deserializer=read.FromString, response_serializer=lambda m: m.SerializeToString())
            for name, (call, read) in methods.items()})

    yield of("headwatch.plugin.v1.Plugin",
             GetInfo=(services.get_info, pb.GetInfoRequest), GetSchema=(services.get_schema, pb.GetSchemaRequest),
             ValidateConfig=(services.validate_config, pb.ValidateConfigRequest), Configure=(services.configure, pb.ConfigureRequest))
    if "head_source" in kinds:
        yield of("headwatch.plugin.v1.HeadSource", GetHead=(services.get_head, pb.GetHeadRequest))
    if "log_parser" in kinds:
        yield of("headwatch.plugin.v1.LogParser", Parse=(services.parse, pb.ParseRequest))
    # Both messages are written by hand: the answer of the first is "serving", that of the second is empty.
    yield raw("grpc.health.v1.Health", "Check", lambda: b"\x08\x01")
    yield raw("plugin.GRPCController", "Shutdown", shutdown)


def raw(service, method, answer):
    return grpc.method_handlers_generic_handler(service, {method: grpc.unary_unary_rpc_method_handler(lambda request, context: answer())})


def shutdown():
    # The answer has to leave first.
    threading.Timer(0.05, os._exit, [0]).start()
    return b""


def hold_lifeline():
    """Ends the process when the host is gone: file descriptor 3 is a pipe that the host holds."""
    try:
        while os.read(3, 4096):
            pass
    except OSError:
        return
    os._exit(0)


def serve(plugin):
    """Serves until the host ends the process."""
    if os.environ.get(COOKIE[0]) != COOKIE[1]:
        print(f"{plugin.info['name']} {plugin.info['version']} is a plugin of headwatch, which starts it.", file=sys.stderr)
        sys.exit(2)
    # What a terminal or an init system sends to the whole group is the host's to answer.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    if os.environ.get("HEADWATCH_LIFELINE") == "1":
        threading.Thread(target=hold_lifeline, daemon=True).start()
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=[
        ("grpc.max_receive_message_length", MAX_MESSAGE), ("grpc.max_send_message_length", MAX_MESSAGE)])
    server.add_generic_rpc_handlers(tuple(handlers(Services(plugin), plugin.info["kinds"])))
    path = os.path.join(os.environ.get("PLUGIN_UNIX_SOCKET_DIR", "/tmp"), f"python-{os.getpid()}")
    server.add_insecure_port("unix:" + path)
    server.start()
    print(f"1|{PROTOCOL_VERSION}|unix|{path}|grpc", flush=True)
    # Whatever else is printed is for the log.
    sys.stdout = sys.stderr
    threading.Event().wait()
