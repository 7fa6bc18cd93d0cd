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
	typedError struct{ err error }
	stackText  struct{ error }
	stackTrace struct{ error }
	frames     []string
	boomStack  struct{ error }
	valueError struct{}
	endless    struct{}
	boomType   struct{ error }
)

func (typedError) Error() string               { return "typed" }
func (typedError) ErrorType() string           { return "rate_limited" }
func (e stackText) Unwrap() error              { return e.error }
func (stackText) Stack() []byte                { return []byte("goroutine 1\nmain.main()\n") }
func (e stackTrace) Unwrap() error             { return e.error }
func (stackTrace) StackTrace() frames          { return frames{"a.go:1", "b.go:2"} }
func (boomStack) StackTrace() frames           { panic("no stack") }
func (valueError) Error() string               { return "value" }
func (endless) Error() string                  { return "endless" }
func (e endless) Unwrap() error                { return e }
func (boomType) ErrorType() string             { panic("no type") }
func (f frames) Format(s fmt.State, verb rune) { _, _ = fmt.Fprint(s, "\n"+strings.Join(f, "\n")) }

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
		{"type panics", boomType{plainErr}, "riskmanager.internal/otel/internal/value_test.boomType", "plain", ""},
		{"stack", fmt.Errorf("a: %w", stackText{plainErr}), "riskmanager.internal/otel/internal/value_test.stackText", "a: plain", "goroutine 1\nmain.main()"},
		{"stack trace", stackTrace{plainErr}, "riskmanager.internal/otel/internal/value_test.stackTrace", "plain", "a.go:1\nb.go:2"},
		{"innermost stack", stackTrace{stackText{plainErr}}, "riskmanager.internal/otel/internal/value_test.stackTrace", "plain", "goroutine 1\nmain.main()"},
		{"stack panics", boomStack{plainErr}, "riskmanager.internal/otel/internal/value_test.boomStack", "plain", ""},
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
