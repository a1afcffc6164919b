package api

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/workspace"
)

// jsonReader reads a request's body without reflection. Readers are pooled.
type jsonReader struct {
	decoder *jsontext.Decoder
	wrong   workspace.Fields // by location
}

var jsonReaders = sync.Pool{New: func() any {
	return &jsonReader{decoder: jsontext.NewDecoder(new(bytes.Buffer))}
}}

func (j *jsonReader) note(location, message string) {
	if j.wrong == nil {
		j.wrong = workspace.Fields{}
	}
	if len(j.wrong) < 20 {
		j.wrong[location] = message
	}
}

// object reads an object: it calls each for every field, to read the value. It
// notes and skips a value that is not an object.
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
		j.note(at, "This must be a string.")
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

// syntaxError hides the decoder's text, which may quote the body and so a key.
func syntaxError(err error) error {
	if err == nil {
		return nil
	}
	message := "The body is not a JSON object: it ends too early, or is malformed, or names a field twice."
	if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		message = fmt.Sprintf(
			"The body is not a JSON object: at byte %d it is malformed, or names a field twice.",
			s.ByteOffset,
		)
	}
	return &httpguard.Error{Status: http.StatusBadRequest, Message: message}
}
