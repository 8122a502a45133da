package fact

import "time"

// Book is the facts of a check while they are filled in.
type Book struct{ Facts List }

// Set changes a fact; one that is not in the book it passes over.
func (b *Book) Set(name string, fill func(*Fact)) {
	for i := range b.Facts {
		if b.Facts[i].Name == name {
			fill(&b.Facts[i])
			return
		}
	}
}

// Count makes a fact a known number of blocks, read at a time.
func (b *Book) Count(name string, value uint64, at time.Time) {
	b.Set(name, func(f *Fact) { f.Known, f.Missing, f.Count, f.At = true, "", value, at })
}

// Number makes a fact a known number, or a known time in seconds.
func (b *Book) Number(name string, value float64, at time.Time) {
	b.Set(name, func(f *Fact) { f.Known, f.Missing, f.Number, f.At = true, "", value, at })
}

// Truth makes a fact known to be true or false.
func (b *Book) Truth(name string, value bool, at time.Time) {
	b.Set(name, func(f *Fact) { f.Known, f.Missing, f.Truth, f.At = true, "", value, at })
}

// Lack makes facts unknown, and says why.
func (b *Book) Lack(why string, names ...string) {
	for _, name := range names {
		b.Set(name, func(f *Fact) { f.Known, f.Missing = false, why })
	}
}
