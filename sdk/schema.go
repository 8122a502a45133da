package sdk

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// field is one attribute or block of an author's struct.
type field struct {
	index     int
	name      string
	attribute *Attribute
	block     *Block
	typ       reflect.Type
}

// schemaOf describes the struct that a pointer points to.
func schemaOf(pointer any) (Schema, error) {
	t := reflect.TypeOf(pointer)
	if t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return Schema{}, fmt.Errorf("%s is no pointer to a struct", t)
	}
	return structSchema(t.Elem())
}

func structSchema(t reflect.Type) (Schema, error) {
	var schema Schema
	fields, err := fieldsOf(t)
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

// fieldsOf reads the tags of a struct.
func fieldsOf(t reflect.Type) ([]field, error) {
	var fields []field
	for i := range t.NumField() {
		structField := t.Field(i)
		tag, ok := structField.Tag.Lookup("hw")
		if !ok {
			continue
		}
		f, err := fieldOf(structField, tag)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", structField.Name, err)
		}
		f.index = i
		fields = append(fields, f)
	}
	return fields, nil
}

func fieldOf(sf reflect.StructField, tag string) (field, error) {
	name, options, _ := strings.Cut(tag, ",")
	f := field{name: name, typ: sf.Type}
	required, sensitive := false, false
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "":
		case "required":
			required = true
		case "sensitive":
			sensitive = true
		default:
			return f, fmt.Errorf("option %q is unknown", option)
		}
	}
	if name == "" || !sf.IsExported() {
		return f, fmt.Errorf("a field with a tag needs a name and must be exported")
	}
	doc := sf.Tag.Get("doc")
	if block, isBlock, err := blockOf(sf.Type); isBlock {
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
	var err error
	if value, given := sf.Tag.Lookup("default"); given {
		f.attribute.Default, err = defaultJSON(kind, value)
	}
	return f, err
}

func blockOf(t reflect.Type) (Block, bool, error) {
	repeated := t.Kind() == reflect.Slice
	if repeated {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return Block{}, false, nil
	}
	schema, err := structSchema(t)
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
		return "", fmt.Errorf("default %q is no JSON", text)
	}
	return text, nil
}
