package sdk

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/headwatch/headwatch/sdk/internal/handshake"
)

// field is one attribute or block of an author's struct.
type field struct {
	index     int
	name      string
	attribute *Attribute
	block     *Block
	typ       reflect.Type
}

// deepest bounds how far blocks may nest: a struct that holds itself has no end.
const deepest = 10

// schemaOf describes the struct that a pointer points to.
func schemaOf(pointer any) (Schema, error) {
	t := reflect.TypeOf(pointer)
	if t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return Schema{}, fmt.Errorf("%s is no pointer to a struct", t)
	}
	return structSchema(t.Elem(), 0)
}

func structSchema(t reflect.Type, depth int) (Schema, error) {
	var schema Schema
	fields, err := fieldsOf(t, depth)
	if err != nil {
		return schema, err
	}
	for _, f := range fields {
		if f.block != nil {
			schema.Blocks = append(schema.Blocks, *f.block)
		} else {
			schema.Attributes = append(schema.Attributes, *f.attribute)
		}
	}
	return schema, nil
}

// fieldsOf reads the tags of a struct that stands so many blocks deep.
func fieldsOf(t reflect.Type, depth int) ([]field, error) {
	if depth > deepest {
		return nil, fmt.Errorf("blocks nest more than %d deep", deepest)
	}
	var fields []field
	names := map[string]bool{}
	for i := range t.NumField() {
		structField := t.Field(i)
		tag, ok := structField.Tag.Lookup("hw")
		if !ok {
			continue
		}
		f, err := fieldOf(structField, tag, depth)
		if err == nil && names[f.name] {
			err = fmt.Errorf("name %q is taken", f.name)
		}
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", structField.Name, err)
		}
		names[f.name] = true
		f.index = i
		fields = append(fields, f)
	}
	return fields, nil
}

func fieldOf(sf reflect.StructField, tag string, depth int) (field, error) {
	name, options, _ := strings.Cut(tag, ",")
	f := field{name: name, typ: sf.Type}
	required, sensitive, err := optionsOf(options)
	if err != nil {
		return f, err
	}
	if !sf.IsExported() {
		return f, errors.New("a field with a tag must be exported")
	}
	if !handshake.IsName(name) {
		return f, fmt.Errorf("%q is no name for an attribute or a block", name)
	}
	doc := sf.Tag.Get("doc")
	if block, isBlock, err := blockOf(sf.Type, depth); isBlock {
		block.Name, block.Required, block.Description = name, required, doc
		f.block = &block
		return f, err
	}
	kind, ok := attributeType(sf.Type)
	if !ok {
		return f, fmt.Errorf("type %s cannot be configured", sf.Type)
	}
	f.attribute = &Attribute{Name: name, Type: kind, Required: required, Sensitive: sensitive, Description: doc,
		Deprecated: sf.Tag.Get("deprecated"), Allowed: strings.Fields(sf.Tag.Get("oneof"))}
	if len(f.attribute.Allowed) > 0 && kind != TypeString && kind != TypeStringList {
		return f, fmt.Errorf("oneof is for strings, not for %s", kind)
	}
	return f, f.readDefault(sf.Tag)
}

func optionsOf(options string) (required, sensitive bool, err error) {
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "":
		case "required":
			required = true
		case "sensitive":
			sensitive = true
		default:
			return false, false, fmt.Errorf("option %q is unknown", option)
		}
	}
	return required, sensitive, nil
}

// readDefault takes the default from a tag and tries it.
func (f field) readDefault(tag reflect.StructTag) error {
	text, given := tag.Lookup("default")
	if !given {
		return nil
	}
	if f.attribute.Required {
		return errors.New("what is required has no default")
	}
	var err error
	if f.attribute.Default, err = defaultJSON(f.attribute.Type, text); err != nil {
		return fmt.Errorf("default %q: %w", text, err)
	}
	if err := f.decodeAttribute(reflect.New(f.typ).Elem(), json.RawMessage(f.attribute.Default)); err != nil {
		return fmt.Errorf("default %q: %w", text, err)
	}
	return nil
}

func blockOf(t reflect.Type, depth int) (Block, bool, error) {
	repeated := t.Kind() == reflect.Slice
	if repeated {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return Block{}, false, nil
	}
	schema, err := structSchema(t, depth+1)
	return Block{Schema: schema, Repeated: repeated}, true, err
}

func attributeType(t reflect.Type) (AttributeType, bool) {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return TypeDuration, true
	case t == reflect.TypeFor[[]string]():
		return TypeStringList, true
	case t == reflect.TypeFor[map[string]string]():
		return TypeStringMap, true
	}
	switch t.Kind() {
	case reflect.String:
		return TypeString, true
	case reflect.Bool:
		return TypeBool, true
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return TypeInteger, true
	case reflect.Float64:
		return TypeNumber, true
	}
	return "", false
}

// defaultJSON turns the text of a default tag into JSON.
func defaultJSON(kind AttributeType, text string) (string, error) {
	switch kind {
	case TypeString:
		quoted, err := json.Marshal(text)
		return string(quoted), err
	case TypeDuration:
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return text, nil
		}
		d, err := time.ParseDuration(text)
		return strconv.FormatFloat(d.Seconds(), 'f', -1, 64), err
	}
	if !json.Valid([]byte(text)) {
		return "", errors.New("is no JSON")
	}
	return text, nil
}
