package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"riskmanager.internal/otel/examples/daemon/internal/projectx"
)

// backlog is how many messages wait for a client that reads slowly; one that
// is further behind is hung up on.
const backlog = 1024

// hub sends messages to whoever is connected. What is sent while nobody is, is lost.
type hub struct {
	mu      sync.Mutex
	seq     int64               // guarded by mu
	clients map[chan frame]bool // guarded by mu
}

// frame is one numbered message.
type frame struct {
	seq  int64
	data []byte
}

func newHub() *hub { return &hub{clients: make(map[chan frame]bool)} }

// send invokes the client's method target with the arguments.
func (h *hub) send(target string, args ...any) {
	msg := projectx.Message{Type: projectx.MessageInvocation, Target: target}
	for _, arg := range args {
		raw, err := json.Marshal(arg)
		if err != nil {
			panic(err) // Our own structs: cannot happen.
		}
		msg.Arguments = append(msg.Arguments, raw)
	}
	data, err := json.Marshal(msg)
	if err != nil {
		panic(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	for c := range h.clients {
		select {
		case c <- frame{h.seq, data}:
		default:
			delete(h.clients, c)
			close(c)
		}
	}
}

func (h *hub) join() chan frame {
	c := make(chan frame, backlog)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clients[c] = true
	return c
}

func (h *hub) leave(c chan frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.clients, c)
}

// writeFrame writes one server-sent event.
func writeFrame(w http.ResponseWriter, f frame) error {
	if f.seq != 0 {
		if _, err := fmt.Fprintf(w, "id: %d\n", f.seq); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(w, "data: %s\n\n", f.data); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}
