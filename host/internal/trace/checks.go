package trace

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// hasChecks says whether there are check records in any of the traces. It reads
// no further than to the first.
func hasChecks(ctx context.Context, sources []Source) (bool, error) {
	for _, source := range sources {
		if has, err := source.hasChecks(ctx); has || err != nil {
			return has, err
		}
	}
	return false, nil
}

func (s Source) hasChecks(ctx context.Context) (bool, error) {
	file, err := s.Open()
	if err != nil {
		return false, err
	}
	defer file.Close()
	reader := NewReader(file, func(Warning) {})
	for ctx.Err() == nil {
		switch record, err := reader.Next(); {
		case errors.Is(err, io.EOF):
			return false, nil
		case err != nil:
			return false, fmt.Errorf("read trace %s: %w", s.Name, err)
		case record.Check != nil:
			return true, nil
		}
	}
	return false, ctx.Err()
}
