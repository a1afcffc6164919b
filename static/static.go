// Package static holds the files that pages load. Each has an address that
// names its content, so that a browser asks for it once and never again.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed app.css app.js favicon.svg vendor/htmx.min.js
var files embed.FS

// contentTypes is every file there is, and what it is.
var contentTypes = map[string]string{
	"app.css":            "text/css; charset=utf-8",
	"app.js":             "text/javascript; charset=utf-8",
	"favicon.svg":        "image/svg+xml; charset=utf-8",
	"vendor/htmx.min.js": "text/javascript; charset=utf-8",
}

const prefix = "/static/"

// asset is a file, ready to be sent.
type asset struct {
	contentType   string
	plain, zipped []byte
}

var urls, assets = load()

func load() (urls map[string]string, assets map[string]asset) {
	urls, assets = map[string]string{}, map[string]asset{}
	for name, contentType := range contentTypes {
		content, err := files.ReadFile(name)
		if err != nil {
			panic(err) // the embed directive and the table disagree
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(name)
		url := prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext
		urls[name] = url
		assets[url] = asset{contentType, content, zip(content)}
	}
	return urls, assets
}

func zip(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	w.Write(content) // a Buffer never fails
	w.Close()
	return b.Bytes()
}

// URL returns the address of a file, such as "/static/app.3f2a1b9c.css" for
// "app.css". It panics when there is no such file.
func URL(name string) string {
	url, ok := urls[name]
	if !ok {
		panic("static: there is no file " + name)
	}
	return url
}

// Handler serves the files at the addresses that [URL] gives, and nothing else:
// any other path is 404, an old hash included.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	a, ok := assets[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD.", http.StatusMethodNotAllowed)
		return
	}
	body := a.plain
	if TakesGzip(r) {
		body = a.zipped
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if r.Method == http.MethodGet {
		w.Write(body)
	}
}

// TakesGzip reads a request's Accept-Encoding (RFC 9110 section 12.5.3): gzip
// or "*", unless its weight is 0.
func TakesGzip(r *http.Request) bool {
	takes := false
	for item := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, params, _ := strings.Cut(item, ";")
		_, weight, _ := strings.Cut(params, "=")
		q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
		wanted := params == "" || err == nil && q > 0
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return wanted
		case "*":
			takes = wanted
		}
	}
	return takes
}
