package substraterpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/headwatch/headwatch/sdk/endpoint"
)

// session is one WebSocket connection. It carries one call at a time and any
// number of notifications. A call that goes unanswered ends it, since its late
// answer could be taken for that of the next.
type session struct {
	address endpoint.Address
	conn    *websocket.Conn
	notify  func(method string, result json.RawMessage) error
	done    chan struct{} // closed when the connection is over

	mu      sync.Mutex
	ids     uint64
	waiting *waitingCall
	err     error // why the connection is over
}

var _ caller = (*session)(nil)

// waitingCall is a call that was sent and not yet answered.
type waitingCall struct {
	id     uint64
	answer chan answered
}

// answered is what a call ends with.
type answered struct {
	result json.RawMessage
	err    error
}

// openSession connects. notify is called for each notification, in order; an
// error of it ends the session.
func openSession(ctx context.Context, a endpoint.Address, client *http.Client, notify func(string, json.RawMessage) error) (*session, error) {
	conn, response, err := websocket.Dial(ctx, a.URL().String(), &websocket.DialOptions{
		HTTPClient: client,
		HTTPHeader: a.Header(),
	})
	if err != nil {
		return nil, dialError(ctx, a, response, err)
	}
	conn.SetReadLimit(endpoint.Limit)
	s := &session{address: a, conn: conn, notify: notify, done: make(chan struct{})}
	go s.read()
	return s, nil
}

// dialError says why a server did not open a WebSocket. coder/websocket leaves
// the beginning of the body in the response.
func dialError(ctx context.Context, a endpoint.Address, response *http.Response, err error) error {
	if response == nil || response.StatusCode == http.StatusSwitchingProtocols {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("open a WebSocket: %w", a.Redact(err))
	}
	var body []byte
	if response.Body != nil {
		body, _ = io.ReadAll(io.LimitReader(response.Body, 4096))
	}
	return fmt.Errorf("open a WebSocket: %w", endpoint.Refusal(a, response, body))
}

func (s *session) at() endpoint.Address { return s.address }

// close ends the session and waits for its reader.
func (s *session) close(reason error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = reason
	}
	s.mu.Unlock()
	_ = s.conn.CloseNow()
	<-s.done
}

// failure is why the session is over.
func (s *session) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// read takes messages until the connection ends.
func (s *session) read() {
	defer close(s.done)
	for {
		_, text, err := s.conn.Read(context.Background())
		if err == nil {
			err = s.handle(text)
		} else {
			err = s.readError(err)
		}
		if err != nil {
			s.endWith(err)
			return
		}
	}
}

// readError says why the connection could not be read.
func (s *session) readError(err error) error {
	if errors.Is(err, websocket.ErrMessageTooBig) {
		return errors.New("sent more than 1 MiB in one message")
	}
	return fmt.Errorf("lost the connection: %w", s.address.Redact(err))
}

// endWith records why the session is over and tells the waiting call. The reason
// is set before the connection is closed, so that no call reports the closing
// itself as the reason.
func (s *session) endWith(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	if s.waiting != nil {
		s.waiting.answer <- answered{err: s.err}
		s.waiting = nil
	}
	s.mu.Unlock()
	_ = s.conn.CloseNow()
}

// handle handles one message; an error ends the session.
func (s *session) handle(text []byte) error {
	m, err := parseMessage(s.address, text)
	if err != nil {
		return err
	}
	if m.Method != "" {
		result, err := m.notified(s.address)
		if err != nil {
			return err
		}
		return s.notify(m.Method, result)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		return fmt.Errorf("answered without a request: %s", s.address.Quote(text))
	}
	result, err := m.answer(s.address, s.waiting.id, text)
	s.waiting.answer <- answered{result, err}
	s.waiting = nil
	return nil
}

// call must not be called by two at a time; the endpoint sees to that.
func (s *session) call(ctx context.Context, method string, params ...any) (json.RawMessage, error) {
	w, err := s.newCall()
	if err != nil {
		return nil, err
	}
	text, err := request(w.id, method, params)
	if err != nil {
		return nil, err
	}
	if err := s.conn.Write(ctx, websocket.MessageText, text); err != nil && ctx.Err() == nil {
		s.close(fmt.Errorf("send the request: %w", s.address.Redact(err)))
	}
	select {
	case a := <-w.answer:
		return a.result, a.err
	case <-ctx.Done():
		s.close(errors.New("left a request unanswered"))
		return nil, ctx.Err()
	}
}

func (s *session) newCall() (*waitingCall, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, s.err
	}
	s.ids++
	s.waiting = &waitingCall{id: s.ids, answer: make(chan answered, 1)}
	return s.waiting, nil
}

// ping proves that the other end is still there.
func (s *session) ping(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := s.conn.Ping(ctx); err != nil {
		return fmt.Errorf("answered no ping within %v", timeout)
	}
	return nil
}
