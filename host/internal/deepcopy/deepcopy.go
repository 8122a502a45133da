// Package deepcopy copies values that share nothing that changes. It knows structs
// with exported fields, pointers, maps and slices.
package deepcopy

import (
	"reflect"
	"time"
)

// Of is a deep copy of a value, in which f has changed every time that is known but
// those of fields with the tag clock:"other"; nil changes none.
func Of[T any](value T, f func(time.Time) time.Time) T {
	part(reflect.ValueOf(&value).Elem(), f)
	return value
}

// part makes a copied value, which still shares what it points to, share nothing, and
// changes every time in it.
func part(v reflect.Value, f func(time.Time) time.Time) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			if f != nil {
				change(v.Addr().Interface().(*time.Time), f)
			}
			return
		}
		fields(v, f)
	case reflect.Pointer:
		if !v.IsNil() {
			c := reflect.New(v.Type().Elem())
			c.Elem().Set(v.Elem())
			part(c.Elem(), f)
			v.Set(c)
		}
	case reflect.Map:
		if !v.IsNil() {
			v.Set(mapped(v, f))
		}
	case reflect.Slice:
		if !v.IsNil() {
			c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
			reflect.Copy(c, v)
			if shares(v.Type().Elem().Kind()) {
				for i := range c.Len() {
					part(c.Index(i), f)
				}
			}
			v.Set(c)
		}
	}
}

func change(t *time.Time, f func(time.Time) time.Time) {
	if !t.IsZero() {
		*t = f(*t)
	}
}

func fields(v reflect.Value, f func(time.Time) time.Time) {
	for i := range v.NumField() {
		field := v.Field(i)
		if !shares(field.Kind()) {
			continue
		}
		changes := f
		if f != nil && v.Type().Field(i).Tag.Get("clock") == "other" {
			changes = nil
		}
		part(field, changes)
	}
}

// shares says whether a value of a kind may share something, or hold a time.
func shares(kind reflect.Kind) bool {
	return kind == reflect.Struct || kind == reflect.Pointer || kind == reflect.Map || kind == reflect.Slice
}

func mapped(v reflect.Value, f func(time.Time) time.Time) reflect.Value {
	c := reflect.MakeMapWithSize(v.Type(), v.Len())
	for entry := v.MapRange(); entry.Next(); {
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(entry.Value())
		part(value, f)
		c.SetMapIndex(entry.Key(), value)
	}
	return c
}
