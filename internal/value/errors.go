package value

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
)

// maxChain bounds how many errors of a chain are looked at.
const maxChain = 100

// pkgErrors is the import path whose wrappers say nothing about an error.
const pkgErrors = "github.com/pkg/errors"

// ErrorText returns err.Error(), "" for nil and for nil pointers, or the mark
// of a panic.
func ErrorText(err error) string {
	if isNil(reflect.ValueOf(err)) {
		return ""
	}
	s, bad := callError(err)
	if bad != "" {
		return bad
	}
	return s
}

// ErrorType returns the type of err as OpenTelemetry's error.type has it: what
// an "ErrorType() string" method in the chain says, or the type's name, with
// wrappers that only add text or a stack taken off. It is "" for nil and for
// nil pointers, and never panics.
func ErrorType(err error) string {
	if isNil(reflect.ValueOf(err)) {
		return ""
	}
	for e, n := err, 0; e != nil && n < maxChain; e, n = unwrap(e), n+1 {
		if typed, ok := e.(interface{ ErrorType() string }); ok {
			if name, bad := callErrorType(typed); bad == "" && name != "" {
				return name
			}
		}
	}
	t := reflect.TypeOf(unwrapText(err))
	if t.PkgPath() != "" && t.Name() != "" {
		return t.PkgPath() + "." + t.Name()
	}
	return t.String()
}

// ErrorStack returns the stack that err carries, or "". Where several errors
// of a chain carry one, the innermost is it: it is nearest to the cause. An
// error carries one if it has a method Stack or StackTrace with one result:
// text, or anything that prints itself as a stack with %+v, as the errors of
// github.com/pkg/errors and its successors do. It never panics.
func ErrorStack(err error) string {
	stack := ""
	for range maxChain {
		if isNil(reflect.ValueOf(err)) {
			break
		}
		if s := ownStack(err); s != "" {
			stack = s
		}
		err = unwrap(err)
	}
	return stack
}

// ownStack returns the stack of err itself.
func ownStack(err error) (stack string) {
	defer func() {
		if p := recover(); p != nil {
			stack = "" // An error whose stack panics has none.
		}
	}()
	var s any
	switch e := err.(type) { //nolint:errorlint // The chain is walked by the caller.
	case interface{ Stack() string }:
		s = e.Stack()
	case interface{ Stack() []byte }:
		s = e.Stack()
	case interface{ StackTrace() string }:
		s = e.StackTrace()
	case interface{ StackTrace() []byte }:
		s = e.StackTrace()
	default:
		// The result's type belongs to a package that is not imported here.
		m := reflect.ValueOf(err).MethodByName("StackTrace")
		if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 {
			return ""
		}
		s = m.Call(nil)[0].Interface()
	}
	switch s := s.(type) {
	case string:
		return strings.TrimSpace(s)
	case []byte:
		return strings.TrimSpace(string(s))
	}
	return strings.TrimSpace(fmt.Sprintf("%+v", s))
}

// unwrapText takes off wrappers that add text or a stack only: those of
// [fmt.Errorf] and of github.com/pkg/errors.
func unwrapText(err error) error {
	for range maxChain {
		t := reflect.TypeOf(err)
		if t.Kind() != reflect.Pointer {
			return err
		}
		pkg, name := t.Elem().PkgPath(), t.Elem().Name()
		switch {
		case pkg == "fmt" && (name == "wrapError" || name == "wrapErrors"):
		case pkg == pkgErrors && (name == "withStack" || name == "withMessage"):
		default:
			return err
		}
		inner := unwrap(err)
		if isNil(reflect.ValueOf(inner)) {
			return err
		}
		err = inner
	}
	return err
}

// unwrap returns the first error that err wraps, or nil.
func unwrap(err error) (inner error) {
	defer func() {
		if p := recover(); p != nil {
			inner = nil
		}
	}()
	switch e := err.(type) { //nolint:errorlint // One step of the chain is meant.
	case interface{ Unwrap() error }:
		return e.Unwrap()
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// errorValue is an error that is not the record's own: its type and text.
func (w *walker) errorValue(err error) slog.Value {
	return slog.GroupValue(
		slog.String("type", ErrorType(err)),
		slog.Attr{Key: "message", Value: w.generated(ErrorText(err))},
	)
}
