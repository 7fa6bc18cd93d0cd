package value

import (
	"cmp"
	"crypto"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"go.opentelemetry.io/otel/attribute"
)

// methods are the methods of a type that decide how it is shown.
type methods uint8

const (
	hasLogValue methods = 1 << iota
	hasError
	hasText
	hasString
	hasJSON
)

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	userinfoType = reflect.TypeFor[*url.Userinfo]()
	numberType   = reflect.TypeFor[json.Number]()

	// plainTypes have methods, but are handled by their content.
	plainTypes = map[reflect.Type]bool{
		numberType:                            true,
		reflect.TypeFor[List]():               true,
		reflect.TypeFor[slog.Value]():         true,
		reflect.TypeFor[slog.Attr]():          true,
		reflect.TypeFor[attribute.Value]():    true,
		reflect.TypeFor[attribute.KeyValue](): true,
	}

	interfaces = [...]struct {
		typ reflect.Type
		bit methods
	}{
		{reflect.TypeFor[slog.LogValuer](), hasLogValue},
		{reflect.TypeFor[error](), hasError},
		{reflect.TypeFor[encoding.TextMarshaler](), hasText},
		{reflect.TypeFor[fmt.Stringer](), hasString},
		{reflect.TypeFor[json.Marshaler](), hasJSON},
	}
)

// plan is what is known about a type.
type plan struct {
	methods    methods // Of the type itself.
	ptrMethods methods // Of the pointer to it, where the type has none.
	isBytes    bool    // A slice of bytes without methods.
	holds      string  // A key that says what kind of secret its values are.
	fields     []field // Of a struct.
}

// plans caches the plan of each type. It is a variable of the package like the
// caches of encoding/json and reflect: types are the process's, not a caller's.
var plans sync.Map // reflect.Type -> *plan

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p := &plan{methods: methodsOf(t)}
	if p.methods == 0 && t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface {
		p.ptrMethods = methodsOf(reflect.PointerTo(t))
	}
	switch t.Kind() {
	case reflect.Struct:
		p.fields = fieldsOf(t)
	case reflect.Slice:
		p.isBytes = t.Elem().Kind() == reflect.Uint8 && methodsOf(t.Elem()) == 0 &&
			methodsOf(reflect.PointerTo(t.Elem())) == 0
	}
	p.holds = holds(t)
	plans.Store(t, p)
	return p
}

// The keys for values that are secrets whatever theirs is.
const (
	holdsCookie     = "cookie"
	holdsPrivateKey = "private_key"
)

// privateKey is what package crypto asks of all private keys.
var privateKey = reflect.TypeFor[interface{ Public() crypto.PublicKey }]()

// holds returns the key for the values of t, "" for most. http.Cookie is known
// by its name, so that package mask does not bring net/http with it.
func holds(t reflect.Type) string {
	if t.Implements(privateKey) || reflect.PointerTo(t).Implements(privateKey) {
		return holdsPrivateKey
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() == "net/http" && t.Name() == "Cookie" {
		return holdsCookie
	}
	return ""
}

func methodsOf(t reflect.Type) (m methods) {
	for _, i := range interfaces {
		if t.Implements(i.typ) {
			m |= i.bit
		}
	}
	return m
}

// field is one member of a struct's object.
type field struct {
	name      string
	goNames   []string // Names of the Go source that name does not show.
	index     []int
	tagged    bool
	omitEmpty bool
	omitZero  bool
	quoted    bool
	isZero    bool // The type or its pointer has IsZero.
}

// of returns the field of v; false means that it is behind a nil pointer.
func (f *field) of(v reflect.Value) (reflect.Value, bool) {
	for i, x := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

// omitted tells whether the field's options leave v out.
func (f *field) omitted(v reflect.Value) bool {
	if f.omitEmpty {
		switch v.Kind() {
		case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
			if v.Len() == 0 {
				return true
			}
		case reflect.Struct:
		default:
			if v.IsZero() {
				return true
			}
		}
	}
	if !f.omitZero {
		return false
	}
	if f.isZero && !isNil(v) {
		z, ok := reflect.TypeAssert[interface{ IsZero() bool }](v)
		if !ok {
			z, ok = reflect.TypeAssert[interface{ IsZero() bool }](pointerTo(v))
		}
		if ok {
			zero, bad := callIsZero(z)
			return zero && bad == ""
		}
	}
	return v.IsZero()
}

var isZeroType = reflect.TypeFor[interface{ IsZero() bool }]()

// fieldsOf returns the fields that encoding/json would write for t, in its
// order and by its rules: of several fields with one name the least nested
// wins, then a tagged one; if still more than one is left, all are dropped.
func fieldsOf(t reflect.Type) []field {
	type level struct {
		typ   reflect.Type
		index []int
		names []string // The Go names of the embedding fields.
	}
	var found []field
	seen := map[reflect.Type]bool{}
	for current := []level{{typ: t}}; len(current) > 0; {
		var next []level
		count := map[reflect.Type]int{}
		for _, l := range current {
			count[l.typ]++
		}
		for _, l := range current {
			if seen[l.typ] {
				continue
			}
			seen[l.typ] = true
			for i := range l.typ.NumField() {
				sf := l.typ.Field(i)
				ft := sf.Type
				if ft.Name() == "" && ft.Kind() == reflect.Pointer {
					ft = ft.Elem()
				}
				if !sf.IsExported() && (!sf.Anonymous || ft.Kind() != reflect.Struct) {
					continue
				}
				tag := sf.Tag.Get("json")
				if tag == "-" {
					continue
				}
				name, options, _ := strings.Cut(tag, ",")
				if !validName(name) {
					name = ""
				}
				index := append(slices.Clone(l.index), i)
				if sf.Anonymous && name == "" && ft.Kind() == reflect.Struct {
					names := l.names
					if sf.IsExported() {
						names = append(slices.Clone(names), sf.Name)
					}
					next = append(next, level{ft, index, names})
					continue
				}
				if !sf.IsExported() {
					continue
				}
				f := field{
					name: cmp.Or(name, sf.Name), index: index, tagged: name != "",
					goNames: slices.Clone(l.names),
					isZero:  sf.Type.Implements(isZeroType) || reflect.PointerTo(sf.Type).Implements(isZeroType),
				}
				if fold(f.name) != fold(sf.Name) {
					f.goNames = append(f.goNames, sf.Name)
				}
				for o := range strings.SplitSeq(options, ",") {
					switch o {
					case "omitempty":
						f.omitEmpty = true
					case "omitzero":
						f.omitZero = true
					case "string":
						f.quoted = true
					}
				}
				found = append(found, f)
				if count[l.typ] > 1 {
					// The type is embedded more than once on this level: its
					// fields annihilate each other.
					found = append(found, f)
				}
			}
		}
		current = next
	}
	return dominant(found)
}

// dominant keeps one field of each name, or none, in the order of the source.
func dominant(fields []field) []field {
	slices.SortStableFunc(fields, func(a, b field) int {
		tagged := func(f field) int {
			if f.tagged {
				return 0
			}
			return 1
		}
		return cmp.Or(
			strings.Compare(a.name, b.name),
			cmp.Compare(len(a.index), len(b.index)),
			cmp.Compare(tagged(a), tagged(b)),
			slices.Compare(a.index, b.index),
		)
	})
	var out []field
	for i := 0; i < len(fields); {
		j := i + 1
		for j < len(fields) && fields[j].name == fields[i].name {
			j++
		}
		if j == i+1 || len(fields[i].index) != len(fields[i+1].index) || fields[i].tagged != fields[i+1].tagged {
			out = append(out, fields[i])
		}
		i = j
	}
	slices.SortFunc(out, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return out
}

// validName tells whether encoding/json takes s as a name in a tag.
func validName(s string) bool {
	for _, c := range s {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return s != ""
}

// fold returns a name as the masker compares them.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}
