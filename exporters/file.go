package exporters

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"

	"riskmanager.internal/otel/internal/logfile"
	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/mask"
)

// ErrConfig is wrapped by the errors of [NewFile] that a change of the
// [FileConfig] would mend.
var ErrConfig = errors.New("invalid configuration")

// FileConfig configures a [File]. Each zero field means its default.
type FileConfig struct {
	// Dir is the directory of the files. Required. It is created, parents
	// included, with mode 0700, and belongs to one File at a time.
	Dir string

	// Streams are the files. Nil means [Streams].
	Streams []FileStream

	// MaxSize is the size in bytes beyond which a file is rotated. Lines are
	// not split. Zero means 10 MiB.
	MaxSize int64

	// MaxBackups is how many rotated files are kept, for each file. Zero
	// means 7; a negative value keeps all that MaxAge allows.
	MaxBackups int

	// MaxAge is how long rotated files are kept. Zero means 7 days; a
	// negative value keeps all that MaxBackups allows.
	MaxAge time.Duration

	// DisableCompression leaves rotated files as they are instead of
	// compressing them with gzip.
	DisableCompression bool

	// Buffer is how many bytes of records are held, for each file, while the
	// disk refuses them. Zero means 8 MiB.
	Buffer int

	// Text writes the line that the console shows instead of JSON.
	Text bool

	// Masker masks records that do not come masked. Nil means [mask.Default].
	Masker *mask.Masker
}

func (c FileConfig) withDefaults() FileConfig {
	if c.Streams == nil {
		c.Streams = Streams()
	}
	if c.Masker == nil {
		c.Masker = mask.Default()
	}
	return c
}

func (c FileConfig) validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, fmt.Errorf("%w: Dir: got \"\", want a directory", ErrConfig))
	}
	if c.MaxSize < 0 {
		errs = append(errs, fmt.Errorf("%w: MaxSize: got %d, want bytes, 0 or more", ErrConfig, c.MaxSize))
	}
	if c.Buffer < 0 {
		errs = append(errs, fmt.Errorf("%w: Buffer: got %d, want bytes, 0 or more", ErrConfig, c.Buffer))
	}
	names := map[string]string{}
	for _, s := range c.Streams {
		if s.Filename == "" || s.Filename != filepath.Base(s.Filename) || s.Filename[0] == '.' {
			errs = append(errs, fmt.Errorf("%w: Streams: %s: got file name %q, want a plain name such as daemon.log", ErrConfig, s.Name, s.Filename))
		} else if other, taken := names[s.Filename]; taken {
			errs = append(errs, fmt.Errorf("%w: Streams: %s: got file name %q, which is the %s stream's already", ErrConfig, s.Name, s.Filename, other))
		}
		names[s.Filename] = s.Name
	}
	return errors.Join(errs...)
}

// File writes masked log records as JSON lines to rotating files in one
// directory, each record to every file that it belongs to. When Export or the
// [File.Processor]'s OnEmit returns, the lines are with the kernel, or, while
// the disk refuses them, held in order and counted.
//
// Export masks what it is given. Register either the File, behind a processor
// of the SDK, or its Processor with a logger provider, and only one of them.
//
// All methods are safe for concurrent use.
type File struct {
	cfg   FileConfig // Immutable once set.
	lock  *logfile.DirLock
	files []*logfile.File // Of the same index as cfg.Streams.

	closed   atomic.Bool
	closeErr error
	done     chan struct{} // Closed when closeErr is set.
}

var _ sdklog.Exporter = (*File)(nil)

// NewFile takes the directory and opens the files, all of which exist when it
// returns. If another process owns the directory it waits up to 5 s, or until
// ctx is done, for it to leave. The error wraps [ErrConfig] when cfg is at
// fault.
func NewFile(ctx context.Context, cfg FileConfig) (_ *File, err error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("exporters: %w", err)
	}
	cfg = cfg.withDefaults()
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("exporters: log directory: %w", err)
	}
	lock, err := logfile.Lock(ctx, cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("exporters: %w", err)
	}
	f := &File{cfg: cfg, lock: lock, done: make(chan struct{})}
	for _, s := range cfg.Streams {
		lf, err := logfile.Open(logfile.Config{
			Path:       filepath.Join(cfg.Dir, s.Filename),
			MaxBytes:   cfg.MaxSize,
			MaxBackups: cfg.MaxBackups,
			MaxAge:     cfg.MaxAge,
			Compress:   !cfg.DisableCompression,
			Buffer:     cfg.Buffer,
			Loss:       f.lossLine,
			Lock:       lock,
		})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("exporters: %s stream: %w", s.Name, err), f.Shutdown(ctx))
		}
		f.files = append(f.files, lf)
	}
	return f, nil
}

// Export masks and writes records. It returns [sdklog.ErrExporterShutdown]
// after Shutdown, and otherwise the joined errors of the files.
func (f *File) Export(ctx context.Context, records []sdklog.Record) error {
	var errs []error
	for i := range records {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		r := record.FromSDK(&records[i])
		r.Mask(f.cfg.Masker)
		if err := f.write(r); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// write encodes r once and appends it to every file that it belongs to.
func (f *File) write(r *record.Record) error {
	if f.closed.Load() {
		return sdklog.ErrExporterShutdown
	}
	r.EnsureUID() // From a pipeline that is not ours it has none: its files agree on one at least.
	buf := buffers.Get().(*[]byte)
	defer putBuffer(buf)
	*buf = f.encode((*buf)[:0], r)

	var errs []error
	for i := range f.cfg.Streams {
		if !f.cfg.Streams[i].gets(r.Logger, r.Level) {
			continue
		}
		if err := f.files[i].Append(*buf, r.Level); err != nil {
			errs = append(errs, fmt.Errorf("exporters: %s stream: %w", f.cfg.Streams[i].Name, err))
		}
	}
	return errors.Join(errs...)
}

func (f *File) encode(dst []byte, r *record.Record) []byte {
	if f.cfg.Text {
		return record.TextStyle{}.Append(dst, r)
	}
	return record.AppendJSON(dst, r)
}

// ForceFlush waits until held records are written and asks the kernel to put
// the files on the disk.
func (f *File) ForceFlush(ctx context.Context) error {
	if f.closed.Load() {
		return nil
	}
	var errs []error
	for _, lf := range f.files {
		errs = append(errs, lf.Flush(ctx))
	}
	return errors.Join(errs...)
}

// Shutdown closes the files and gives the directory up. It is idempotent; a
// later call waits for the first and returns what it returned. While a disk is
// stuck it returns when ctx is done, saying what was not written.
func (f *File) Shutdown(ctx context.Context) error {
	if f.closed.CompareAndSwap(false, true) {
		f.closeErr = f.close(ctx)
		close(f.done)
		return f.closeErr // Whatever ctx is by now: it says what was not written.
	}
	select {
	case <-f.done:
		return f.closeErr
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *File) close(ctx context.Context) error {
	errs := make([]error, len(f.files), len(f.files)+1)
	var wg sync.WaitGroup
	for i, lf := range f.files {
		wg.Go(func() {
			if err := lf.Close(ctx); err != nil {
				errs[i] = fmt.Errorf("exporters: %s stream: %w", f.cfg.Streams[i].Name, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(append(errs, f.lock.Unlock())...)
}

// Stats are the counters of one file.
type Stats = logfile.Stats

// Stats returns the counters of each file by its stream's name.
func (f *File) Stats() map[string]Stats {
	m := make(map[string]Stats, len(f.files))
	for i, lf := range f.files {
		m[f.cfg.Streams[i].Name] = lf.Stats()
	}
	return m
}

// Processor returns a log processor that writes each record at once. It is for
// the pipeline of package telemetry, where records come masked and carry their
// context fields; any other record it masks itself.
func (f *File) Processor() sdklog.Processor { return fileProcessor{f} }

type fileProcessor struct{ file *File }

func (p fileProcessor) Enabled(context.Context, sdklog.EnabledParameters) bool {
	return !p.file.closed.Load()
}

func (p fileProcessor) OnEmit(ctx context.Context, rec *sdklog.Record) error {
	r := inFlight(ctx, rec, p.file.cfg.Masker)
	if err := p.file.write(r); !errors.Is(err, sdklog.ErrExporterShutdown) {
		return err
	}
	return nil
}

func (p fileProcessor) Shutdown(ctx context.Context) error   { return p.file.Shutdown(ctx) }
func (p fileProcessor) ForceFlush(ctx context.Context) error { return p.file.ForceFlush(ctx) }

// inFlight returns the masked record that rides in ctx, or builds it of rec.
func inFlight(ctx context.Context, rec *sdklog.Record, m *mask.Masker) *record.Record {
	r := record.FromContext(ctx)
	if r == nil {
		r = record.FromSDK(rec)
	}
	if !r.Masked {
		r.Mask(m)
	}
	return r
}

// maxPooled keeps a rare huge record from staying in memory for good.
const maxPooled = 64 << 10

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

func putBuffer(b *[]byte) {
	if cap(*b) <= maxPooled {
		buffers.Put(b)
	}
}
