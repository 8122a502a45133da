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
	return cloned(reflect.ValueOf(value), f).Interface().(T)
}

// cloned is a deep copy of a value in which f has changed every time; nil
// changes none.
func cloned(v reflect.Value, f func(time.Time) time.Time) reflect.Value {
	if v.Type() == reflect.TypeFor[time.Time]() {
		if t := v.Interface().(time.Time); f != nil && !t.IsZero() {
			return reflect.ValueOf(f(t))
		}
		return v
	}
	c := reflect.New(v.Type()).Elem()
	switch kind := v.Kind(); {
	case kind == reflect.Struct:
		for i := range v.NumField() {
			changes := f
			if v.Type().Field(i).Tag.Get("clock") == "other" {
				changes = nil
			}
			c.Field(i).Set(cloned(v.Field(i), changes))
		}
	case kind != reflect.Pointer && kind != reflect.Map && kind != reflect.Slice || v.IsNil():
		return v
	case kind == reflect.Pointer:
		c.Set(reflect.New(v.Type().Elem()))
		c.Elem().Set(cloned(v.Elem(), f))
	case kind == reflect.Map:
		c.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for entry := v.MapRange(); entry.Next(); {
			c.SetMapIndex(entry.Key(), cloned(entry.Value(), f))
		}
	case kind == reflect.Slice:
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			c.Index(i).Set(cloned(v.Index(i), f))
		}
	}
	return c
}
