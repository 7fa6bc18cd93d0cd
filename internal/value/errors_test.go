package value_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"riskmanager.internal/otel/internal/value"
)

type (
	typedError      struct{}
	stackTextError  struct{ error }
	stackTraceError struct{ error }
	frames          []string
	boomStackError  struct{ error }
	valueError      struct{}
	endless         struct{}
	boomTypeError   struct{ error }
)

func (typedError) Error() string            { return "typed" }
func (typedError) ErrorType() string        { return "rate_limited" }
func (e stackTextError) Unwrap() error      { return e.error }
func (stackTextError) Stack() []byte        { return []byte("goroutine 1\nmain.main()\n") }
func (e stackTraceError) Unwrap() error     { return e.error }
func (stackTraceError) StackTrace() frames  { return frames{"a.go:1", "b.go:2"} }
func (boomStackError) StackTrace() frames   { panic("no stack") }
func (valueError) Error() string            { return "value" }
func (endless) Error() string               { return "endless" }
func (e endless) Unwrap() error             { return e }
func (boomTypeError) ErrorType() string     { panic("no type") }
func (f frames) Format(s fmt.State, _ rune) { _, _ = fmt.Fprint(s, "\n"+strings.Join(f, "\n")) }

func TestErrors(t *testing.T) {
	t.Parallel()
	plainErr := errors.New("plain")
	var nilTyped *nilable
	for _, tt := range []struct {
		name  string
		err   error
		typ   string
		text  string
		stack string
	}{
		{"nil", nil, "", "", ""},
		{"nil pointer", nilTyped, "", "", ""},
		{"plain", plainErr, "*errors.errorString", "plain", ""},
		{"wrapped", fmt.Errorf("a: %w", fmt.Errorf("b: %w", &fs.PathError{Op: "open", Path: "/x", Err: plainErr})), "*fs.PathError", "a: b: open /x: plain", ""},
		{"wrapped two", fmt.Errorf("%w and %w", valueError{}, plainErr), "riskmanager.internal/otel/internal/value_test.valueError", "value and plain", ""},
		{"joined", errors.Join(plainErr, valueError{}), "*errors.joinError", "plain\nvalue", ""},
		{"wraps nothing", fmt.Errorf("a: %w", error(nil)), "*fmt.wrapError", "a: %!w(<nil>)", ""},
		{"typed", fmt.Errorf("a: %w", typedError{}), "rate_limited", "a: typed", ""},
		{"type panics", boomTypeError{plainErr}, "riskmanager.internal/otel/internal/value_test.boomTypeError", "plain", ""},
		{"stack", fmt.Errorf("a: %w", stackTextError{plainErr}), "riskmanager.internal/otel/internal/value_test.stackTextError", "a: plain", "goroutine 1\nmain.main()"},
		{"stack trace", stackTraceError{plainErr}, "riskmanager.internal/otel/internal/value_test.stackTraceError", "plain", "a.go:1\nb.go:2"},
		{"innermost stack", stackTraceError{stackTextError{plainErr}}, "riskmanager.internal/otel/internal/value_test.stackTraceError", "plain", "goroutine 1\nmain.main()"},
		{"stack panics", boomStackError{plainErr}, "riskmanager.internal/otel/internal/value_test.boomStackError", "plain", ""},
		{"panics", boomError{}, "riskmanager.internal/otel/internal/value_test.boomError", "!PANIC: in Error", ""},
		{"endless", endless{}, "riskmanager.internal/otel/internal/value_test.endless", "endless", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := value.ErrorType(tt.err); got != tt.typ {
				t.Errorf("ErrorType = %q, want %q", got, tt.typ)
			}
			if got := value.ErrorText(tt.err); got != tt.text {
				t.Errorf("ErrorText = %q, want %q", got, tt.text)
			}
			if got := value.ErrorStack(tt.err); got != tt.stack {
				t.Errorf("ErrorStack = %q, want %q", got, tt.stack)
			}
		})
	}
}
