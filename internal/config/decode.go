// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// decode fills c from data and returns what is wrong with the document's shape:
// keys that do not exist, values of the wrong kind, a second document. It walks
// the document beside the struct, because the library's own strict mode stops
// at the first mistake and the person who mends the file wants them all.
func decode(data []byte, c *Config) []string {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return []string{"not YAML: " + firstLine(yaml.FormatError(err, false, false))}
	}
	docs := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil })
	switch len(docs) {
	case 0:
		return []string{"the file is empty"}
	case 1:
		var d decoder
		d.value(docs[0].Body, reflect.ValueOf(c).Elem(), "")
		return d.mistakes
	}
	return []string{fmt.Sprintf("line %d: a second document; one file is one configuration", line(docs[1].Body))}
}

type decoder struct{ mistakes []string }

func (d *decoder) add(n ast.Node, format string, args ...any) {
	d.mistakes = append(d.mistakes, fmt.Sprintf("line %d: ", line(n))+fmt.Sprintf(format, args...))
}

// value decodes n into v, which stands at the dotted path.
func (d *decoder) value(n ast.Node, v reflect.Value, path string) {
	if _, empty := n.(*ast.NullNode); empty {
		return // as if the key were absent: the check says what is required
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, v, path)
	case reflect.Slice:
		seq, ok := n.(*ast.SequenceNode)
		if !ok {
			d.add(n, "%s: must be a list", path)
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
		for i, item := range seq.Values {
			d.value(item, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		if err := yaml.NodeToValue(n, v.Addr().Interface()); err != nil {
			d.add(n, "%s: %s", path, kindHint(v, err))
		}
	}
}

func (d *decoder) mapping(n ast.Node, v reflect.Value, path string) {
	var pairs []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		d.add(n, "%s: must be a set of keys", strings.TrimPrefix(path, "."))
		return
	}
	keys := fieldsOf(v)
	for _, p := range pairs {
		key := p.Key.GetToken().Value
		i, known := keys[key]
		if !known {
			d.add(p, "%s: there is no such key; the keys here are %s", join(path, key), names(keys))
			continue
		}
		d.value(p.Value, v.Field(i), join(path, key))
	}
}

// fieldsOf maps the yaml keys of a struct to its field numbers.
func fieldsOf(v reflect.Value) map[string]int {
	keys := make(map[string]int, v.NumField())
	for i := range v.NumField() {
		keys[v.Type().Field(i).Tag.Get("yaml")] = i
	}
	return keys
}

func names(keys map[string]int) string {
	var all []string
	for k := range keys {
		all = append(all, k)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func line(n ast.Node) int { return n.GetToken().Position.Line }

// kindHint says what kind of value is wanted. The library's own text speaks of Go types.
func kindHint(v reflect.Value, err error) string {
	switch v.Interface().(type) {
	case bool:
		return "must be true or false"
	case string:
		return "must be text"
	case int:
		return "must be a whole number"
	case Duration:
		return "must be a duration such as 250ms or 30m"
	}
	return firstLine(yaml.FormatError(err, false, false))
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}
