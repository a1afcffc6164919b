package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/workspace"
)

// maxBatch is how many keys one request may verify.
const maxBatch = 1000

// verifyRequest is the body of POST /api/v1/verify: one key, or an array "keys"
// of them.
type verifyRequest struct {
	items []verifyItem
	batch bool
}

type verifyItem struct {
	key    string
	scopes []string
	ip     netip.Addr // the zero Addr: not given
}

// readVerifyRequest reads the body of a request. Its errors are 400, 415 and
// 422, which names the invalid fields.
func readVerifyRequest(r *http.Request, body *bytes.Buffer) (q verifyRequest, err error) {
	if !httpguard.HasMediaType(r, "application/json") {
		return q, &httpguard.Error{Status: http.StatusUnsupportedMediaType, Message: "Send application/json."}
	}
	j := jsonReaders.Get().(*jsonReader)
	defer jsonReaders.Put(j)
	j.wrong = nil
	j.decoder.Reset(body)
	if err := j.request(&q); err != nil {
		return q, err
	}
	if len(j.wrong) > 0 {
		return q, &workspace.Error{Kind: workspace.Invalid, Message: "Some fields are invalid.", Fields: j.wrong}
	}
	return q, nil
}

func (j *jsonReader) request(q *verifyRequest) error {
	one := verifyItem{}
	single := false
	err := j.object("body", func(name string) error {
		if name == "keys" {
			q.batch = true
			return j.array("body.keys", func(i int) error {
				if i == maxBatch {
					j.note("body.keys", fmt.Sprintf("Verify at most %d keys at once.", maxBatch))
				}
				if i >= maxBatch {
					return j.skip()
				}
				q.items = append(q.items, verifyItem{})
				return j.item("body.keys["+strconv.Itoa(i)+"]", &q.items[i])
			})
		}
		single = true
		return j.field("body", name, &one)
	})
	if err != nil {
		return err
	}
	if _, err := j.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return &httpguard.Error{Status: http.StatusBadRequest, Message: "The body must be one JSON object."}
	}
	switch {
	case single && q.batch:
		j.note("body.keys", "Give one “key”, or several in “keys”.")
	case !q.batch:
		q.items = []verifyItem{one}
		j.requireKey("body", &one)
	}
	return nil
}

func (j *jsonReader) item(at string, item *verifyItem) error {
	err := j.object(at, func(name string) error { return j.field(at, name, item) })
	j.requireKey(at, item)
	return err
}

func (j *jsonReader) requireKey(at string, item *verifyItem) {
	if item.key == "" {
		j.note(at+".key", "Give the key as a string.")
	}
}

func (j *jsonReader) field(at, name string, item *verifyItem) error {
	within := at
	at += "." + name
	switch name {
	case "key":
		return j.text(at, func(text string) { item.key = text })
	case "ip":
		return j.text(at, func(text string) {
			ip, err := netip.ParseAddr(text)
			if err != nil || ip.Zone() != "" {
				j.note(at, "Give an IPv4 or IPv6 address, such as 192.0.2.7.")
			}
			item.ip = ip.Unmap()
		})
	case "scope":
		return j.array(at, func(i int) error {
			place := at + "[" + strconv.Itoa(i) + "]"
			return j.text(place, func(text string) {
				if !workspace.ValidScope(text) {
					j.note(place, "This is not a valid scope.")
				}
				item.scopes = append(item.scopes, text)
			})
		})
	}
	j.note(within, "The only fields are key, scope and ip.") // the unknown name may be a key: do not repeat it
	return j.skip()
}
