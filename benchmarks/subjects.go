package main

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"regexp"

	"github.com/rs/zerolog"
	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutlog"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"gopkg.in/natefinch/lumberjack.v2"

	"riskmanager.internal/otel/telemetry"
)

// A subject writes the same record, of six attributes, to a rotating file.
type subject struct {
	name string
	open func(dir string) (log func(i int), close func() error)
}

const (
	symbol   = "CON.F.US.MNQ.U25"
	account  = "PRAC-V2-12345-67890"
	price    = 20185.75
	duration = 45.23
	message  = "Trade processed"
)

// rotating is what every peer writes to: lumberjack with its own compressor.
func rotating(dir string, megabytes int) *lumberjack.Logger {
	return &lumberjack.Logger{Filename: filepath.Join(dir, "daemon.log"), MaxSize: megabytes, MaxBackups: 7, MaxAge: 7, Compress: true}
}

func ours(name string) subject {
	return subject{name, func(dir string) (func(int), func() error) {
		ctx := context.Background()
		tel, err := telemetry.Setup(ctx, telemetry.WithLogDir(dir), telemetry.WithoutGlobals())
		check(err)
		log := tel.Logger(telemetry.Daemon)
		ctx = telemetry.With(ctx, telemetry.AccountID(account), telemetry.EventType("trade"))
		return func(i int) {
			log.LogAttrs(ctx, slog.LevelInfo, message,
				slog.String("symbol", symbol), slog.Int("quantity", i&7), slog.Float64("price", price),
				slog.Int("order_id", i), slog.String("side", "buy"), slog.Float64("duration_ms", duration))
		}, func() error { return tel.Shutdown(ctx) }
	}}
}

func zapped(name string) subject {
	return subject{name, func(dir string) (func(int), func() error) {
		w := rotating(dir, 10)
		enc := zap.NewProductionEncoderConfig()
		enc.EncodeTime = zapcore.ISO8601TimeEncoder
		log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(enc), zapcore.AddSync(w), zap.InfoLevel), zap.AddCaller()).
			Named("risk_manager.daemon")
		return func(i int) {
			log.Info(message,
				zap.Dict("context", zap.String("correlation_id", "019ab3c4-e5f6-7890-abcd-ef1234567890"), zap.String("account_id", account), zap.String("event_type", "trade")),
				zap.String("symbol", symbol), zap.Int("quantity", i&7), zap.Float64("price", price),
				zap.Int("order_id", i), zap.String("side", "buy"), zap.Float64("duration_ms", duration),
				zap.String("trace_id", "019ab3c4e5f67890abcdef1234567890"))
		}, w.Close
	}}
}

func zerologged(name string) subject {
	return subject{name, func(dir string) (func(int), func() error) {
		w := rotating(dir, 10)
		log := zerolog.New(w).With().Timestamp().Str("logger", "risk_manager.daemon").Logger()
		return func(i int) {
			log.Info().Caller().
				Dict("context", zerolog.Dict().Str("correlation_id", "019ab3c4-e5f6-7890-abcd-ef1234567890").Str("account_id", account).Str("event_type", "trade")).
				Str("symbol", symbol).Int("quantity", i&7).Float64("price", price).
				Int("order_id", i).Str("side", "buy").Float64("duration_ms", duration).
				Str("trace_id", "019ab3c4e5f67890abcdef1234567890").Msg(message)
		}, w.Close
	}}
}

func slogged(name string, wrap func(io.Writer) io.Writer) subject {
	return subject{name, func(dir string) (func(int), func() error) {
		w := rotating(dir, 10)
		log := slog.New(slog.NewJSONHandler(wrap(w), &slog.HandlerOptions{AddSource: true})).With("logger", "risk_manager.daemon")
		return func(i int) {
			log.LogAttrs(context.Background(), slog.LevelInfo, message,
				slog.Group("context", slog.String("correlation_id", "019ab3c4-e5f6-7890-abcd-ef1234567890"), slog.String("account_id", account), slog.String("event_type", "trade")),
				slog.String("symbol", symbol), slog.Int("quantity", i&7), slog.Float64("price", price),
				slog.Int("order_id", i), slog.String("side", "buy"), slog.Float64("duration_ms", duration),
				slog.String("trace_id", "019ab3c4e5f67890abcdef1234567890"))
		}, w.Close
	}}
}

// sdkUsual is the usual way of OpenTelemetry: otelslog, SimpleProcessor,
// stdoutlog.
func sdkUsual(name string) subject {
	return subject{name, func(dir string) (func(int), func() error) {
		w := rotating(dir, 10)
		exp, err := stdoutlog.New(stdoutlog.WithWriter(w))
		check(err)
		provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(exp)))
		log := otelslog.NewLogger("risk_manager.daemon", otelslog.WithLoggerProvider(provider), otelslog.WithSource(true))
		return func(i int) {
			log.LogAttrs(context.Background(), slog.LevelInfo, message,
				slog.Group("context", slog.String("account_id", account), slog.String("event_type", "trade")),
				slog.String("symbol", symbol), slog.Int("quantity", i&7), slog.Float64("price", price),
				slog.Int("order_id", i), slog.String("side", "buy"), slog.Float64("duration_ms", duration))
		}, w.Close
	}}
}

// sevenRegexes masks each line as the Python original did.
type sevenRegexes struct {
	w   io.Writer
	res []*regexp.Regexp
}

func newSevenRegexes(w io.Writer) *sevenRegexes {
	s := &sevenRegexes{w: w}
	for _, p := range []string{
		`(?i)(api[_-]?key["']?\s*[:=]\s*["']?)([^"'\s,}]+)`, `(?i)(password["']?\s*[:=]\s*["']?)([^"'\s,}]+)`,
		`(?i)(token["']?\s*[:=]\s*["']?)([^"'\s,}]+)`, `(?i)(bearer\s+)([A-Za-z0-9._~+/-]+=*)`,
		`(?i)(authorization["']?\s*[:=]\s*["']?)([^"',}]+)`, `\b(?:\d[ -]?){13,16}\b`, `\b\d{3}-\d{2}-\d{4}\b`,
	} {
		s.res = append(s.res, regexp.MustCompile(p))
	}
	return s
}

func (s *sevenRegexes) mask(p []byte) []byte {
	for _, re := range s.res {
		p = re.ReplaceAll(p, []byte("${1}***MASKED***"))
	}
	return p
}

func (s *sevenRegexes) Write(p []byte) (int, error) {
	if _, err := s.w.Write(s.mask(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}
