package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keylodge/keylodge/workspace"
)

// maxBatch is how many keys one request may ask about.
const maxBatch = 1000

// verifyRequest is the body of POST /api/v1/verify: one key, or an array "keys" of them.
type verifyRequest struct {
	items []verifyItem
	batch bool
}

type verifyItem struct {
	key     string
	scopes  []string
	address netip.Addr // the zero Addr: not told
}

// jsonReader reads a request's body without reflection. It is used again and again.
type jsonReader struct {
	decoder *jsontext.Decoder
	wrong   workspace.Fields // by location
}

var jsonReaders = sync.Pool{New: func() any {
	return &jsonReader{decoder: jsontext.NewDecoder(new(bytes.Buffer))}
}}

// readVerifyRequest returns what a request asks, or what is wrong with it.
func readVerifyRequest(r *http.Request, body *bytes.Buffer) (q verifyRequest, err error) {
	if !hasMediaType(r, "application/json") {
		return q, &requestError{http.StatusUnsupportedMediaType, "Send application/json."}
	}
	j := jsonReaders.Get().(*jsonReader)
	defer jsonReaders.Put(j)
	j.wrong = nil
	j.decoder.Reset(body)
	if err := j.request(&q); err != nil {
		return q, err
	}
	if len(j.wrong) > 0 {
		return q, &workspace.Error{Kind: workspace.Invalid, Message: "Some of this can’t be used.", Fields: j.wrong}
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
					j.note("body.keys", fmt.Sprintf("Ask about at most %d keys at once.", maxBatch))
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
		return &requestError{http.StatusBadRequest, "There is more after the JSON object."}
	}
	switch {
	case single && q.batch:
		j.note("body.keys", "Ask about one “key”, or about several in “keys”.")
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
		j.note(at+".key", "Say which key, as a text.")
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
			address, err := netip.ParseAddr(text)
			if err != nil || address.Zone() != "" {
				j.note(at, "Give an IPv4 or IPv6 address, such as 192.0.2.7.")
			}
			item.address = address.Unmap()
		})
	case "scope":
		return j.array(at, func(i int) error {
			place := at + "[" + strconv.Itoa(i) + "]"
			return j.text(place, func(text string) {
				if !workspace.ValidScope(text) {
					j.note(place, "This can’t be a scope.")
				}
				item.scopes = append(item.scopes, text)
			})
		})
	}
	j.note(within, "There are only the fields key, scope and ip.") // the name of another might be a key
	return j.skip()
}

func (j *jsonReader) note(location, message string) {
	if j.wrong == nil {
		j.wrong = workspace.Fields{}
	}
	if len(j.wrong) < 20 {
		j.wrong[location] = message
	}
}

// object reads an object; each reads the value of one of its fields. What is no object is noted and passed over.
func (j *jsonReader) object(at string, each func(name string) error) error {
	if j.decoder.PeekKind() != '{' {
		j.note(at, "This must be an object.")
		return j.skip()
	}
	return j.inside('}', func(int) error {
		name, err := j.decoder.ReadToken()
		if err != nil {
			return syntaxError(err)
		}
		return each(name.String())
	})
}

func (j *jsonReader) array(at string, each func(i int) error) error {
	if j.decoder.PeekKind() != '[' {
		j.note(at, "This must be an array.")
		return j.skip()
	}
	return j.inside(']', each)
}

func (j *jsonReader) inside(end jsontext.Kind, each func(i int) error) error {
	if _, err := j.decoder.ReadToken(); err != nil {
		return syntaxError(err)
	}
	for i := 0; j.decoder.PeekKind() != end; i++ {
		if err := each(i); err != nil {
			return err
		}
	}
	_, err := j.decoder.ReadToken()
	return syntaxError(err)
}

func (j *jsonReader) text(at string, use func(string)) error {
	if j.decoder.PeekKind() != '"' {
		j.note(at, "This must be a text.")
		return j.skip()
	}
	token, err := j.decoder.ReadToken()
	if err != nil {
		return syntaxError(err)
	}
	use(token.String())
	return nil
}

func (j *jsonReader) skip() error { return syntaxError(j.decoder.SkipValue()) }

// syntaxError hides what the decoder says, which may quote the body, and with it a key.
func syntaxError(err error) error {
	if err == nil {
		return nil
	}
	message := "The body is not a JSON object: it ends too early, or is malformed, or names a field twice."
	if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		message = fmt.Sprintf("The body is not a JSON object: at byte %d it is malformed, or names a field twice.", s.ByteOffset)
	}
	return &requestError{http.StatusBadRequest, message}
}
