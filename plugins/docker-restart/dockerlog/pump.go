package dockerlog

import "io"

const (
	// leastBuffer is what a quiet log needs; a thousand of them are watched
	// with it.
	leastBuffer = 4 << 10
	// mostBuffer is what a flood gets.
	mostBuffer = 64 << 10
)

// pump reads a stream in a goroutine of its own, so that whoever takes its
// chunks can also wait for something else. Two buffers go back and forth.
type pump struct {
	body   io.ReadCloser
	chunks chan chunk
	free   chan []byte
	quit   chan struct{}
	done   chan struct{}
}

// chunk is what one read gave; err is the stream's end.
type chunk struct {
	data []byte
	err  error
}

func startPump(body io.ReadCloser) *pump {
	p := &pump{
		body:   body,
		chunks: make(chan chunk),
		free:   make(chan []byte, 2),
		quit:   make(chan struct{}),
		done:   make(chan struct{}),
	}
	p.free <- make([]byte, leastBuffer)
	p.free <- make([]byte, leastBuffer)
	go p.run()
	return p
}

func (p *pump) run() {
	defer close(p.done)
	size := leastBuffer
	for {
		var buffer []byte
		select {
		case buffer = <-p.free:
		case <-p.quit:
			return
		}
		if len(buffer) < size {
			buffer = make([]byte, size)
		}
		n, err := p.body.Read(buffer)
		if n == len(buffer) {
			size = min(2*size, mostBuffer)
		}
		select {
		case p.chunks <- chunk{buffer[:n], err}:
		case <-p.quit:
			return
		}
		if err != nil {
			return
		}
	}
}

// release gives a chunk's buffer back.
func (p *pump) release(c chunk) { p.free <- c.data[:cap(c.data)] }

// stop closes the stream and waits until the goroutine has ended.
func (p *pump) stop() {
	close(p.quit)
	_ = p.body.Close()
	<-p.done
}
