package logregexp

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestReadmeListsTheConfiguration holds the README to what there is.
func TestReadmeListsTheConfiguration(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	for _, preset := range presetNames() {
		if !strings.Contains(readme, "`"+preset+"`") {
			t.Errorf("preset %s is not there", preset)
		}
	}
	for _, kind := range eventKinds() {
		if !strings.Contains(readme, "`"+kind.name+"`") {
			t.Errorf("event %s is not there", kind.name)
		}
	}
}

// TestSchemaAndCodeNameTheSame holds the lists that a configuration is checked
// against before it comes here to the ones in use.
func TestSchemaAndCodeNameTheSame(t *testing.T) {
	var events []string
	for _, kind := range eventKinds() {
		events = append(events, kind.name)
	}
	for _, c := range []struct {
		of    any
		field string
		want  []string
	}{
		{Config{}, "Preset", presetNames()},
		{Pattern{}, "Events", events},
		{Fact{}, "Type", []string{typeNumber, typeDuration, typeQuantity, typeBool, typeString}},
	} {
		if got := oneof(t, c.of, c.field); got != strings.Join(c.want, " ") {
			t.Errorf("%s may be %q, want %q", c.field, got, c.want)
		}
	}
}

// oneof is the tag of a field that lists what it may be.
func oneof(t *testing.T, of any, name string) string {
	field, ok := reflect.TypeOf(of).FieldByName(name)
	if !ok {
		t.Fatalf("%T has no field %s", of, name)
	}
	return field.Tag.Get("oneof")
}
