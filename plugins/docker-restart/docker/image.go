package docker

import (
	"context"

	"github.com/docker/docker/client"
)

// ImageID asks which image has this name now.
func (e *Engine) ImageID(ctx context.Context, name string) (id string, err error) {
	err = e.answer(ctx, "GET /images/{name}/json", func(ctx context.Context, api *client.Client) error {
		answer, err := api.ImageInspect(ctx, name)
		id = answer.ID
		return err
	})
	return id, err
}
