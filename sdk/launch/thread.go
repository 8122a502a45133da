package launch

import "runtime"

// Thread starts processes from one thread that lives until Close: the kernel
// kills a process that was started with a death signal when the thread that
// forked it ends.
type Thread struct {
	starts chan func()
	ended  chan struct{}
}

// NewThread is a thread that waits for what it has to start.
func NewThread() *Thread {
	t := &Thread{starts: make(chan func()), ended: make(chan struct{})}
	go t.serve()
	return t
}

// Close ends the thread. Every process that it started must have ended.
func (t *Thread) Close() {
	close(t.starts)
	<-t.ended
}

func (t *Thread) serve() {
	defer close(t.ended)
	runtime.LockOSThread()
	for start := range t.starts {
		start()
	}
}

// run has the thread start something; without a thread it is started here.
func (t *Thread) run(start func() error) error {
	if t == nil {
		return start()
	}
	result := make(chan error)
	t.starts <- func() { result <- start() }
	return <-result
}
