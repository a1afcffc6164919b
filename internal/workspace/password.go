package workspace

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/keylodge/keylodge/internal/secret"
	"golang.org/x/crypto/argon2"
)

// MinPassword and MaxPassword bound a password's length in characters.
const (
	MinPassword = 12
	MaxPassword = 256
)

// commonPasswords holds, one a line and folded, passwords of MinPassword
// characters and more that turn up in leaked lists; the shorter ones are
// refused for their length.
//
//go:embed common_passwords.txt
var commonPasswords []byte

// checkPassword returns what is wrong with a password, or "". There are no
// rules of composition (NIST SP 800-63B section 3.1.1.2): only length, known
// passwords, and words that a guesser would begin with.
func checkPassword(password string, words ...string) string {
	folded := strings.ToLower(password)
	switch n := utf8.RuneCountInString(password); {
	case password == "":
		return "Choose a password."
	case n < MinPassword:
		return "Use at least 12 characters. A few words in a row are fine."
	case n > MaxPassword:
		return "Use at most 256 characters."
	case repeatsItself(folded) || bytes.Contains(commonPasswords, []byte("\n"+folded+"\n")):
		return "This password is too easy to guess: it is on lists of common ones."
	case madeOf(folded, append(words, "keylodge")):
		return "This password is too easy to guess: it is made of the workspace’s, the product’s or your own name."
	}
	return ""
}

// repeatsItself says whether s is some shorter text several times over.
func repeatsItself(s string) bool { return strings.Contains((s + s)[1:len(s)*2-1], s) }

// madeOf says whether less than eight characters remain of a folded password
// without the words.
func madeOf(password string, words []string) bool {
	for _, w := range words {
		for part := range strings.FieldsFuncSeq(strings.ToLower(w), func(r rune) bool { return strings.ContainsRune(" @.-_", r) }) {
			if len(part) > 2 {
				password = strings.ReplaceAll(password, part, "")
			}
		}
	}
	return utf8.RuneCountInString(password) < 8
}

// Argon2id as OWASP's Password Storage Cheat Sheet sets it: 19 MiB, two passes,
// one lane (RFC 9106).
const (
	argonMemory  = 19456 // KiB
	argonTime    = 2
	argonThreads = 1
	argonSalt    = 16 // bytes
	argonKey     = 32 // bytes
)

// passwordHasher hashes at most two passwords at a time, so that a flood of
// sign-ins can take neither all memory nor all processors. Whoever comes when
// the queue is full is turned away at once.
type passwordHasher struct {
	slots chan struct{}
	queue chan struct{}
	dummy func() string
}

func newPasswordHasher() *passwordHasher {
	p := &passwordHasher{slots: make(chan struct{}, min(2, max(1, runtime.GOMAXPROCS(0)/2))), queue: make(chan struct{}, 32)}
	p.dummy = sync.OnceValue(func() string { return hashPassword(secret.NewToken()) })
	return p
}

// hash returns the password's hash in PHC string format.
func (p *passwordHasher) hash(ctx context.Context, password string) (hash string, err error) {
	leave, err := p.enter()
	if err != nil {
		return "", err
	}
	defer leave()
	err = p.do(ctx, func() { hash = hashPassword(password) })
	return hash, err
}

// verify says whether the password has the hash, for who has entered. Without a
// hash it takes as long and says no.
func (p *passwordHasher) verify(ctx context.Context, password, hash string) (ok bool, err error) {
	err = p.do(ctx, func() {
		if hash == "" {
			verifyPassword(password, p.dummy())
			return
		}
		ok = verifyPassword(password, hash)
	})
	return ok, err
}

var errBusy = &Error{Kind: Unavailable, Message: "Many people are signing in right now. Try again in a moment.", RetryAfter: time.Second}

// enter takes a place in the queue, before anything else is done for a sign-in:
// who is turned away costs next to nothing.
func (p *passwordHasher) enter() (leave func(), err error) {
	select {
	case p.queue <- struct{}{}:
		return func() { <-p.queue }, nil
	default:
		return nil, errBusy
	}
}

func (p *passwordHasher) do(ctx context.Context, work func()) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return errBusy
	}
	work()
	return nil
}

func hashPassword(password string) string {
	salt := make([]byte, argonSalt)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// verifyPassword takes the parameters from the hash, so that hashes made with
// older ones stay good.
func verifyPassword(password, hash string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var version, memory, passes uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &threads); err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || version != argon2.Version || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}
