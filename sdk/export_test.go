package sdk

import (
	"io"
	"log/slog"

	"google.golang.org/grpc"
)

// The servers of the kinds, as a plugin's process makes them. Their log goes to
// log.

func HeadSourceServer(info Info, source HeadSource, log io.Writer) *grpc.Server {
	return serverFor(headSourcePlugin(info, source), log)
}

func LogParserServer[S any](info Info, parser LogParser[S], log io.Writer) *grpc.Server {
	return serverFor(logParserPlugin(info, parser), log)
}

func ActionServer[T any](info Info, action Action[T], log io.Writer) *grpc.Server {
	return serverFor(actionPlugin(info, action), log)
}

func LogSourceServer[T any](info Info, source LogSource[T], log io.Writer) *grpc.Server {
	return serverFor(logSourcePlugin(info, source), log)
}

func serverFor(p *plugin, log io.Writer) *grpc.Server {
	p.logger = slog.New(hostHandler(log))
	return newServer(p, nil)
}
