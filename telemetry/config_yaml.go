package telemetry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"riskmanager.internal/otel/internal/record"
	"riskmanager.internal/otel/mask"
)

// maxFile is the size beyond which a file is no configuration.
const maxFile = 1 << 20

// readFile reads the YAML file at path, or that of RISK_MANAGER_CONFIG. Without
// either it returns nothing.
func readFile(path string, lookup LookupFunc, from origins, fs *faults) Config {
	at := origin{where: path}
	file := ""
	if path == "" {
		if path = variable(lookup, configVariable); path == "" {
			return Config{}
		}
		at, file = origin{where: configVariable, variable: true}, path+": "
	}
	text, err := readBounded(path)
	if err != nil {
		fs.add(at, "", "%s%v", file, err)
		return Config{}
	}
	return parseYAML(path, text, from, fs)
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, cause(err)
	}
	if !info.Mode().IsRegular() { // A FIFO would block Setup for ever.
		kind := "special file"
		if info.IsDir() {
			kind = "directory"
		}
		return nil, fmt.Errorf("got a %s, want a YAML file", kind)
	}
	f, err := os.Open(path) //nolint:gosec // The user names the file.
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, cause(err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("got %d bytes, want a YAML file of at most 1 MiB", max(info.Size(), maxFile+1))
	}
	return text, nil
}

// cause drops the operation and the path, which the fault names.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return fmt.Errorf("%w, want a readable YAML file", err)
}

// document reads one YAML file.
type document struct {
	path   string
	from   origins
	faults *faults
}

// parseYAML returns the settings of a YAML file; those at fault are left out.
func parseYAML(path string, text []byte, from origins, fs *faults) Config {
	d := document{path: path, from: from, faults: fs}
	var c Config
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, next yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return c // Nothing but comments.
	case err != nil:
		d.syntax(err, text)
		return c
	}
	if len(doc.Content) == 1 {
		d.section(doc.Content[0], "", reflect.ValueOf(&c).Elem())
	}
	switch err := dec.Decode(&next); {
	case errors.Is(err, io.EOF):
	case err != nil:
		d.syntax(err, text)
	default:
		d.fault(&next, "", "got a second document, want one")
	}
	return c
}

// syntax reports what the YAML parser stumbled over. It is one fault at most,
// as the parser stops there.
func (d document) syntax(err error, text []byte) {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if rest, ok := strings.CutPrefix(msg, "line "); ok {
		if n, after, ok := strings.Cut(rest, ": "); ok {
			if l, err := strconv.Atoi(n); err == nil {
				line, msg = l, after
			}
		}
	}
	if strings.Contains(msg, "anchor '") { // It quotes what may be a secret.
		msg = "got an alias of no anchor"
	}
	lines := bytes.Split(text, []byte("\n"))
	for _, n := range []int{line, line + 1, line - 1} {
		if n < 1 || n > len(lines) {
			continue
		}
		l := lines[n-1]
		if indent := l[:len(l)-len(bytes.TrimLeft(l, " \t"))]; bytes.IndexByte(indent, '\t') >= 0 {
			line, msg = n, "got a tab in the indentation, want spaces"
			break
		}
	}
	d.faults.add(origin{where: d.path, line: line}, "", "not YAML: %s", mask.Default().String(msg))
}

func (d document) fault(n *yaml.Node, key, format string, args ...any) {
	d.faults.add(origin{where: d.path, line: n.Line}, key, format, args...)
}

// section reads a mapping into a struct.
func (d document) section(n *yaml.Node, path string, v reflect.Value) {
	if isNull(n) {
		return // All its keys are commented out.
	}
	if on, ok := boolean(n); ok && v.Type() == signalType {
		v.FieldByName("Enabled").Set(reflect.ValueOf(&on))
		d.from[path+".enabled"] = origin{where: d.path, line: n.Line}
		return
	}
	var names []string
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "-" {
			names = append(names, name)
		}
	}
	if n.Kind != yaml.MappingNode {
		or := ""
		if v.Type() == signalType {
			or = "true, false or "
		}
		d.fault(n, path, "got %s, want "+or+"a section with the keys %s", found(n, path), strings.Join(names, ", "))
		return
	}
	for name, value := range d.pairs(n, path, false) {
		key := join(path, name.Value)
		i := slices.Index(names, name.Value) // YAML has the fields before those that it has not.
		switch {
		case i < 0:
			d.fault(name, key, "unknown key, %s", suggest(name.Value, path, names))
		case v.Field(i).Kind() == reflect.Struct:
			d.section(value, key, v.Field(i))
		default:
			d.setting(value, field{key: key, value: v.Field(i), tag: v.Type().Field(i).Tag})
		}
	}
}

// suggest names the valid key that an unknown one was meant to be: one of its
// section, or of another.
func suggest(name, path string, names []string) string {
	if s := nearest(name, names); s != "" {
		return "did you mean " + join(path, s) + "?"
	}
	var c Config
	var leaves []string
	keys := map[string]string{} // By leaf.
	for _, f := range fields(&c) {
		leaf := f.key[strings.LastIndexByte(f.key, '.')+1:]
		if _, found := keys[leaf]; !found && f.inYAML() && !isSignal(f.key) && !strings.HasPrefix(f.key, "log_files.") {
			keys[leaf] = f.key
			leaves = append(leaves, leaf)
		}
	}
	if leaf := nearest(name, leaves); leaf != "" {
		return "did you mean " + keys[leaf] + "?"
	}
	return "want one of " + strings.Join(names, ", ")
}

// pairs yields the keys and values of a mapping. It reports keys that are no
// text or come twice, and leaves them out.
func (d document) pairs(n *yaml.Node, path string, foldCase bool) func(yield func(name, value *yaml.Node) bool) {
	return func(yield func(name, value *yaml.Node) bool) {
		first := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			name, value := n.Content[i], n.Content[i+1]
			if name.Kind != yaml.ScalarNode || name.ShortTag() == "!!merge" {
				d.fault(name, path, "got %s for a key, want text", found(name, path))
				continue
			}
			id := name.Value
			if foldCase {
				id = strings.ToLower(id)
			}
			if line, twice := first[id]; twice {
				d.fault(name, join(path, name.Value), "set a second time, want it once (line %d)", line)
				continue
			}
			first[id] = name.Line
			if !yield(name, value) {
				return
			}
		}
	}
}

// setting reads the value of a setting.
func (d document) setting(n *yaml.Node, f field) {
	before := len(*d.faults)
	switch f.value.Kind() {
	case reflect.Slice:
		d.list(n, f)
	case reflect.Map:
		d.table(n, f)
	default:
		if !scalar(n, f) {
			d.fault(n, f.key, "got %s, want %s", foundIn(n, f), f.want())
		}
	}
	if len(*d.faults) > before {
		return
	}
	d.from.note(f, origin{where: d.path, line: n.Line})
	for _, w := range f.wrong() {
		d.fault(d.at(n, w.part), f.key+w.part, "%s", w.what)
	}
	if len(*d.faults) > before {
		f.value.SetZero()
	}
}

// at returns the node of a part of n, to name its line.
func (d document) at(n *yaml.Node, part string) *yaml.Node {
	if i, err := strconv.Atoi(strings.Trim(part, "[]")); err == nil && n.Kind == yaml.SequenceNode && i < len(n.Content) {
		return n.Content[i]
	}
	if name, ok := strings.CutPrefix(part, "."); ok && n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				return n.Content[i]
			}
		}
	}
	return n
}

func (d document) list(n *yaml.Node, f field) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.fault(n, f.key, "got %s, want a list, each element %s", foundIn(n, f), f.want())
		return
	}
	list := make([]string, 0, len(n.Content))
	for i, e := range n.Content {
		if e.Kind != yaml.ScalarNode || e.ShortTag() != "!!str" {
			d.fault(e, fmt.Sprintf("%s[%d]", f.key, i), "got %s, want %s", foundIn(e, f), f.want())
			continue
		}
		list = append(list, e.Value)
	}
	if len(list) > 0 {
		f.value.Set(reflect.ValueOf(list))
	}
}

func (d document) table(n *yaml.Node, f field) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		d.fault(n, f.key, "got %s, want a section", foundIn(n, f))
		return
	}
	m := reflect.MakeMap(f.value.Type())
	for name, value := range d.pairs(n, f.key, f.tag.Get("is") == "header") {
		e := field{key: join(f.key, name.Value), value: reflect.New(f.elem()).Elem(), tag: f.tag}
		d.from[e.key] = origin{where: d.path, line: name.Line}
		if !scalar(value, e) {
			want := "text"
			if e.value.Type() == levelType {
				want = field{value: e.value}.want()
			}
			d.fault(value, e.key, "got %s, want %s", foundIn(value, e), want)
			continue
		}
		m.SetMapIndex(reflect.ValueOf(name.Value), e.value)
	}
	if m.Len() > 0 {
		f.value.Set(m)
	}
}

// scalar sets f to what a scalar says and reports whether it is of f's type.
func scalar(n *yaml.Node, f field) bool {
	if n.Kind != yaml.ScalarNode {
		return false
	}
	set := func(v any) bool {
		f.value.Set(reflect.ValueOf(v))
		return true
	}
	tag := n.ShortTag()
	switch f.value.Interface().(type) {
	case string:
		number := tag == "!!int" || tag == "!!float" || tag == "!!timestamp"
		if tag != "!!str" && (!loose(f) || !number) {
			return false
		}
		if n.Value == "" && !optional(f) {
			return false
		}
		return set(n.Value)
	case *bool:
		on, ok := boolean(n)
		return ok && set(&on)
	case slog.Level, *slog.Level:
		level, err := record.ParseLevel(n.Value)
		if tag != "!!str" || err != nil {
			return false
		}
		if f.value.Kind() == reflect.Pointer {
			return set(&level)
		}
		return set(level)
	case int, *int:
		var i int
		if tag != "!!int" || n.Decode(&i) != nil {
			return false
		}
		if f.value.Kind() == reflect.Pointer {
			return set(&i)
		}
		return i != 0 && set(i)
	case time.Duration:
		if f.tag.Get("unit") == "ms" {
			var ms float64
			if tag != "!!int" && tag != "!!float" || n.Decode(&ms) != nil || math.IsNaN(ms) || math.Abs(ms) > 1e12 {
				return false
			}
			return set(time.Duration(ms * float64(time.Millisecond)))
		}
		t, err := time.ParseDuration(n.Value)
		return tag == "!!str" && err == nil && t != 0 && set(t)
	}
	return false
}

// loose reports whether a number is fine for a text: 1.10 is a version.
func loose(f field) bool {
	switch f.tag.Get("is") {
	case "text", "header", "name":
		return true
	}
	return false
}

// optional reports whether the empty text says no more than leaving it out.
func optional(f field) bool {
	switch f.tag.Get("is") {
	case "text", "endpoint", "path", "header":
		return true
	}
	return f.tag.Get("is") == "name" && strings.HasPrefix(f.key, "service.attributes.")
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// boolean reads a plain true or false.
func boolean(n *yaml.Node) (on, ok bool) {
	if n.Kind != yaml.ScalarNode {
		return false, false
	}
	switch n.ShortTag() {
	case "!!bool":
		ok = n.Decode(&on) == nil
	case "!!str":
		// Python's parser follows YAML 1.1, where these are booleans.
		on = slices.Contains([]string{"yes", "Yes", "YES", "on", "On", "ON"}, n.Value)
		ok = n.Style == 0 && (on || slices.Contains([]string{"no", "No", "NO", "off", "Off", "OFF"}, n.Value))
	}
	return on, ok
}

// foundIn describes n as the value of f.
func foundIn(n *yaml.Node, f field) string {
	if n.Kind == yaml.ScalarNode && !isNull(n) {
		switch f.tag.Get("is") {
		case "header":
			return mask.Text
		case "endpoint":
			return f.quote(n.Value)
		}
	}
	return found(n, f.key)
}

// found describes n, masked.
func found(n *yaml.Node, key string) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a section"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias, which is not supported"
	case yaml.DocumentNode:
		return "a document"
	case yaml.ScalarNode:
	}
	switch tag := n.ShortTag(); {
	case tag == "!!null":
		return "nothing"
	case tag == "!!merge":
		return "<<"
	case mask.Default().Key(key):
		return mask.Text
	case !strings.HasPrefix(tag, "!!"):
		return "a value tagged " + cut(mask.Default().String(tag))
	case tag == "!!str" && n.Value != "" && (&yaml.Node{Kind: yaml.ScalarNode, Value: n.Value}).ShortTag() != "!!str":
		return quote(n.Value) + " in quotes"
	case tag == "!!str":
		return quote(n.Value)
	}
	return cut(mask.Default().String(n.Value))
}
