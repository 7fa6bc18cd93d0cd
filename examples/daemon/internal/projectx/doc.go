// Package projectx is a small client of the ProjectX gateway API, as far as a
// risk daemon needs it: a session, the accounts with their positions and
// orders, closing and cancelling, and the two event hubs.
//
// It knows nothing of logging. Whoever wants its calls logged and timed gives
// [New] an [net/http.Client] with an instrumented transport.
//
// The shapes follow https://gateway.docs.projectx.com. Instead of SignalR over
// WebSocket the hubs are read over server-sent events, one of SignalR's own
// transports, so that the example needs no further module.
package projectx
