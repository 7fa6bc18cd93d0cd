// Package gateway simulates the ProjectX gateway, so that the daemon can be
// tried without an account and without a network: a real HTTP server on the
// loopback interface, with traders that break rules, and with all that a
// gateway far away does to its clients. It answers slowly now and then, or with
// 429 and 500, its tokens expire, and its event hubs hang up.
//
// It misbehaves like real servers in one more way: its error messages quote
// keys and tokens. What the daemon logs of them must not.
//
// All chance comes from [Config].Seed.
package gateway
