package api

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// Headers of GitHub's reports.
const (
	githubKeyHeader       = "Github-Public-Key-Identifier"
	githubSignatureHeader = "Github-Public-Key-Signature"
)

// leakFeedback is what GitHub wants to know about each secret that it has
// found.
type leakFeedback struct {
	TokenHash string `json:"token_hash"` // its SHA-256, in hexadecimal
	TokenType string `json:"token_type"` // as GitHub said
	Label     string `json:"label"`      // true_positive: it is a key, or was one; false_positive
}

// leakOutcome is the outcome for one secret of a plain report. Outcomes are in
// the order of the report.
type leakOutcome struct {
	Found   bool   `json:"found"`   // it is a key, or was one
	KeyID   string `json:"key_id"`  // empty when not found
	Revoked bool   `json:"revoked"` // by this report; false when it was already invalid
}

// reportLeaks revokes keys that have leaked. The report comes from GitHub,
// which signs it, or from a program that presents a valid key of its own.
func (s *Server) reportLeaks(w http.ResponseWriter, r *http.Request) (any, error) {
	if !httpguard.HasMediaType(r, "application/json") {
		return nil, &httpguard.Error{Status: http.StatusUnsupportedMediaType, Message: "Send application/json."}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, httpguard.BodyError(err)
	}
	if s.GitHub != nil && r.Header.Get(githubKeyHeader) != "" {
		return s.reportByGitHub(w.Header(), r, body)
	}
	by, err := s.reporter(w.Header(), r)
	if err != nil {
		return nil, err
	}
	report, err := readLeaks(body, (*jsonReader).leakReport)
	if err != nil {
		return nil, err
	}
	outcomes := make([]leakOutcome, len(report))
	for i, leak := range report {
		leak.by = by
		key, revoked, err := s.leaked(w.Header(), r, leak)
		if err != nil {
			return nil, err
		}
		outcomes[i] = leakOutcome{key.ID != "", key.ID, revoked}
	}
	return map[string][]leakOutcome{"data": outcomes}, nil
}

// reporter returns the id of the key that a program presents.
func (s *Server) reporter(h http.Header, r *http.Request) (keyID string, err error) {
	v := verification{credential: presentedCredential(r)}
	if err := s.verifyOwn(r, &v); err != nil {
		return "", err
	}
	if !v.valid() {
		return "", refusals[s.refuse(h, r, &v)]
	}
	setRateLimit(h, v.result.Quota)
	return v.keyID(), nil
}

func (s *Server) reportByGitHub(h http.Header, r *http.Request, body []byte) (any, error) {
	err := s.GitHub.Check(r.Context(), r.Header.Get(githubKeyHeader), r.Header.Get(githubSignatureHeader), body)
	if workspace.KindOf(err) == workspace.Unauthenticated {
		if q := s.failures.Add(s.ClientIP(r), s.Service.Now()); q.RetryAfter > 0 {
			httpguard.SetRetryAfter(h, q.RetryAfter)
			return nil, refusals[http.StatusTooManyRequests]
		}
	}
	if err != nil {
		return nil, err
	}
	report, err := readLeaks(body, (*jsonReader).githubReport)
	if err != nil {
		return nil, err
	}
	feedback := make([]leakFeedback, len(report))
	for i, leak := range report {
		leak.by = "GitHub"
		key, _, err := s.leaked(h, r, leak)
		if err != nil {
			return nil, err
		}
		digest := secret.DigestOf(leak.text)
		feedback[i] = leakFeedback{hex.EncodeToString(digest[:]), leak.kind, "false_positive"}
		if key.ID != "" {
			feedback[i].Label = "true_positive"
		}
	}
	return feedback, nil
}

// leaked revokes the key of a secret in a report. It returns the zero key when
// there is none.
func (s *Server) leaked(h http.Header, r *http.Request, reported reportedLeak) (
	key workspace.ListedKey, revoked bool, err error) {
	presented, ok := secret.Parse(reported.text)
	if !ok {
		return key, false, nil
	}
	leak := workspace.Leak{Secret: presented, URL: reported.url, By: reported.by}
	key, revoked, err = s.Service.ReportLeak(r.Context(), s.Stranger(h, r), leak)
	if err != nil || !revoked {
		if workspace.KindOf(err) == workspace.NotFound {
			err = nil
		}
		return key, false, err
	}
	return key, true, nil
}

// reportedLeak is one text that was found.
type reportedLeak struct {
	text string
	kind string // as GitHub calls it
	url  string // where it was found
	by   string // GitHub, or the id of a key
}

// readLeaks reads the body of a report.
func readLeaks(body []byte, read func(*jsonReader, *[]reportedLeak) error) (all []reportedLeak, err error) {
	j := jsonReaders.Get().(*jsonReader)
	defer jsonReaders.Put(j)
	j.wrong = nil
	j.decoder.Reset(bytes.NewReader(body))
	if err := read(j, &all); err != nil {
		return nil, err
	}
	if _, err := j.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, &httpguard.Error{Status: http.StatusBadRequest, Message: "The body must be one report."}
	}
	for i, leak := range all {
		if leak.text == "" {
			j.note("body["+strconv.Itoa(i)+"]", "Give the key as a string.")
		}
	}
	if len(all) > maxBatch {
		j.note("body", fmt.Sprintf("Report at most %d keys at once.", maxBatch))
	}
	if len(j.wrong) > 0 {
		return nil, &workspace.Error{Kind: workspace.Invalid, Message: "Some fields are invalid.", Fields: j.wrong}
	}
	return all, nil
}

// githubReport reads an array of objects. It ignores fields that it does not
// know: GitHub may add some.
func (j *jsonReader) githubReport(all *[]reportedLeak) error {
	return j.array("body", func(i int) error {
		var leak reportedLeak
		at := "body[" + strconv.Itoa(i) + "]"
		err := j.object(at, func(name string) error {
			switch name {
			case "token":
				return j.text(at+".token", func(text string) { leak.text = text })
			case "type":
				return j.text(at+".type", func(text string) { leak.kind = text })
			case "url":
				return j.text(at+".url", func(text string) { leak.url = text })
			}
			return j.skip()
		})
		*all = append(*all, leak)
		return err
	})
}

// leakReport reads {"keys": […], "url": …}.
func (j *jsonReader) leakReport(all *[]reportedLeak) error {
	url := ""
	err := j.object("body", func(name string) error {
		switch name {
		case "keys":
			return j.array("body.keys", func(i int) error {
				*all = append(*all, reportedLeak{})
				return j.text("body.keys["+strconv.Itoa(i)+"]", func(text string) { (*all)[i].text = text })
			})
		case "url":
			return j.text("body.url", func(text string) { url = text })
		}
		j.note("body", "The only fields are keys and url.") // the unknown name may be a key: do not repeat it
		return j.skip()
	})
	if len(*all) == 0 {
		j.note("body.keys", "Give the keys as an array of strings.")
	}
	for i := range *all {
		(*all)[i].url = url
	}
	return err
}
