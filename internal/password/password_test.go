package password

import (
	"errors"
	"strings"
	"testing"
)

func TestCheckPassword(t *testing.T) {
	for password, ok := range map[string]bool{
		"correct horse battery":                 true,
		"alllowercaseletters":                   true,
		"a phrase with spaces":                  true,
		strings.Repeat("ab cd ef gh", 23) + "!": true,
		"密码密码甲乙丙丁戊己庚辛":                          true,
		"":                                      false,
		"eleven char":                           false,
		strings.Repeat("x", 257):                false,
		"password1234":                          false,
		"Password1234":                          false,
		"123456789012":                          false,
		"aaaaaaaaaaaa":                          false,
		"adminadminadmin":                       false,
		"keylodge1234":                          false,
		"acme-acme-2026":                        false,
		"dana.okafor99":                         false,
		"okafor likes her violin a lot!!!":      true,
	} {
		if message := Check(password, "Acme", "Dana Okafor", "dana@acme.example"); (message == "") != ok {
			t.Errorf("%q: %q", password, message)
		}
	}
}

func TestPasswordHash(t *testing.T) {
	good := hash("correct horse battery")
	if !strings.HasPrefix(good, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %q", good)
	}
	long := strings.Repeat("x", 72)
	for password, want := range map[string]bool{
		"correct horse battery": true, "correct horse battery ": false, "Correct horse battery": false, "": false,
		long + "a": false,
	} {
		if verify(password, good) != want {
			t.Errorf("%q: %v", password, !want)
		}
	}
	if h := hash(long + "a"); verify(long+"b", h) {
		t.Error("only the start of a long password counts")
	}
	for _, damaged := range []string{
		"", "$argon2id$", good[:len(good)-3] + "!!!", strings.Replace(good, "argon2id", "argon2i", 1),
	} {
		if verify("correct horse battery", damaged) {
			t.Errorf("a damaged hash verifies: %q", damaged)
		}
	}
	// The parameters are read from the hash.
	if old := strings.Replace(good, "t=2", "t=1", 1); verify("correct horse battery", old) {
		t.Error("the parameters of the hash are not used")
	}
}

func TestQueueIsBounded(t *testing.T) {
	h := NewHasher()
	var leave func()
	for range maxQueue {
		var err error
		if leave, err = h.Enter(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Hash(t.Context(), "correct horse battery"); !errors.Is(err, ErrBusy) {
		t.Errorf("with a full queue: %v", err)
	}
	leave()
	if _, err := h.Hash(t.Context(), "correct horse battery"); err != nil {
		t.Errorf("with one place left: %v", err)
	}
}
