package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// tokenLife is how long a token is valid at speed 1. ProjectX gives 24 hours;
// nobody would wait so long for the example to refresh it.
const tokenLife = 10 * time.Second

// auth issues and checks tokens: JWTs, signed with HMAC-SHA256.
type auth struct {
	user, apiKey, password string
	life                   time.Duration
	key                    []byte

	mu      sync.Mutex
	tokens  []string        // guarded by mu
	revoked map[string]bool // guarded by mu
}

// withCredentials fills in the credentials that are not given.
func (c Config) withCredentials() Config {
	if c.UserName == "" {
		c.UserName = "demo"
	}
	if c.APIKey == "" {
		// The form of the real ones: base64 of 32 bytes.
		sum := sha256.Sum256(fmt.Appendf(nil, "api key %d", c.Seed))
		c.APIKey = base64.StdEncoding.EncodeToString(sum[:])
	}
	if c.Password == "" {
		sum := sha256.Sum256(fmt.Appendf(nil, "password %d", c.Seed))
		c.Password = "Pw!" + hex.EncodeToString(sum[:6])
	}
	return c
}

func newAuth(cfg Config) *auth {
	key := sha256.Sum256(fmt.Appendf(nil, "signing key %d", cfg.Seed))
	return &auth{
		user: cfg.UserName, apiKey: cfg.APIKey, password: cfg.Password,
		life: cfg.scaled(tokenLife), key: key[:], revoked: make(map[string]bool),
	}
}

type claims struct {
	Subject string  `json:"sub"`
	ID      string  `json:"jti"`
	Issued  float64 `json:"iat"`
	Expires float64 `json:"exp"`
}

func (a *auth) issue(now time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	body, err := json.Marshal(claims{
		Subject: a.user,
		ID:      fmt.Sprintf("session-%d", len(a.tokens)+1),
		Issued:  float64(now.UnixMilli()) / 1000,
		Expires: float64(now.Add(a.life).UnixMilli()) / 1000,
	})
	if err != nil {
		panic(err) // Strings and numbers: cannot happen.
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) +
		"." + base64.RawURLEncoding.EncodeToString(body)
	token := text + "." + a.sign(text)
	a.tokens = append(a.tokens, token)
	return token
}

func (a *auth) sign(text string) string {
	mac := hmac.New(sha256.New, a.key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// check returns why the token is not accepted, quoting it as some servers do.
func (a *auth) check(token string, now time.Time) error {
	if token == "" {
		return errors.New("no token")
	}
	text, signature, ok := cutLast(token, ".")
	if !ok || !hmac.Equal([]byte(signature), []byte(a.sign(text))) {
		return fmt.Errorf("invalid token %s", token)
	}
	_, body, _ := strings.Cut(text, ".")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		return fmt.Errorf("invalid token %s", token)
	}
	var c claims
	if err := json.Unmarshal(raw, &c); err != nil {
		return fmt.Errorf("invalid token %s", token)
	}
	if float64(now.UnixMilli())/1000 >= c.Expires {
		return fmt.Errorf("token %s has expired", token)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.revoked[token] {
		return fmt.Errorf("session of token %s was ended elsewhere", token)
	}
	return nil
}

func (a *auth) revoke(token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.revoked[token] = true
}

func (a *auth) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.tokens)
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
