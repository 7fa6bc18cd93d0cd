// Risklog reads the log files of the risk daemon as people think of them:
// traces, errors, breaches and operations instead of lines. It works on the
// files themselves while the daemon writes them, with no index and no server.
package main

import (
	"context"
	"os"

	"riskmanager.internal/otel/cmd/risklog/internal/cli"
)

func main() {
	//nolint:forbidigo // Here, and nowhere else.
	os.Exit(cli.Main(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
