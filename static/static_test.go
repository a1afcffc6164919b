package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
)

func ask(method, path, accept string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept-Encoding", accept)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestEveryFileIsServedAtItsURL(t *testing.T) {
	shape := regexp.MustCompile(`^/static/[a-z/.]+\.[0-9a-f]{8}\.[a-z]+$`)
	for name, contentType := range contentTypes {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		url := URL(name)
		if !shape.MatchString(url) {
			t.Errorf("URL(%q) = %q", name, url)
		}
		for _, accept := range []string{"", "gzip, deflate, br"} {
			res := ask(http.MethodGet, url, accept)
			var body io.Reader = res.Body
			if accept != "" {
				if res.Header.Get("Content-Encoding") != "gzip" {
					t.Errorf("%s is not compressed for %q", url, accept)
				}
				if body, err = gzip.NewReader(res.Body); err != nil {
					t.Fatal(err)
				}
			}
			got, _ := io.ReadAll(body)
			if res.StatusCode != http.StatusOK || !bytes.Equal(got, want) {
				t.Errorf("%s for %q: status %d, %d bytes of %d", url, accept, res.StatusCode, len(got), len(want))
			}
			for header, value := range map[string]string{
				"Content-Type":  contentType,
				"Cache-Control": "public, max-age=31536000, immutable",
				"Vary":          "Accept-Encoding",
			} {
				if got := res.Header.Get(header); got != value {
					t.Errorf("%s: %s is %q, want %q", url, header, got, value)
				}
			}
		}
	}
}

func TestWhatIsNotServed(t *testing.T) {
	css := URL("app.css")
	for _, c := range []struct {
		name, method, path string
		status             int
	}{
		{"the folder", "GET", "/static/", 404},
		{"a folder in it", "GET", "/static/vendor/", 404},
		{"a name without its hash", "GET", "/static/app.css", 404},
		{"another hash", "GET", "/static/app.00000000.css", 404},
		{"a way out", "GET", "/static/../static.go", 404},
		{"what is no asset", "GET", "/static/vendor/README.md", 404},
		{"a write", "POST", css, 405},
		{"only the headers", "HEAD", css, 200},
	} {
		res := ask(c.method, c.path, "gzip")
		body, _ := io.ReadAll(res.Body)
		if res.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", c.name, res.StatusCode, c.status)
		}
		if c.method == "HEAD" && (len(body) > 0 || res.Header.Get("Content-Length") == "") {
			t.Errorf("%s: %d bytes, length %q", c.name, len(body), res.Header.Get("Content-Length"))
		}
	}
}

func TestTakesGzip(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "gzip": true, "br, GZIP": true, "gzip;q=0": false, "gzip; q=0.5": true, "*": true,
		"*, gzip;q=0": false, "identity": false, "gzip;q=x": false,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", accept)
		if got := TakesGzip(r); got != want {
			t.Errorf("TakesGzip(%q) = %v", accept, got)
		}
	}
}

func TestURLOfNoFilePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	URL("app.exe")
}

func TestVendoredFileIsTheOneWrittenDown(t *testing.T) {
	readme, err := os.ReadFile("vendor/README.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("vendor/htmx.min.js")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file)
	if !strings.Contains(string(readme), hex.EncodeToString(sum[:])+"  htmx.min.js") {
		t.Errorf("vendor/README.md does not name %x", sum)
	}
}

// TestFirstVisitIsLight leaves 16 of the 40 KB of a first visit to the page
// itself.
func TestFirstVisitIsLight(t *testing.T) {
	total := 0
	for _, a := range assets {
		total += len(a.zipped)
	}
	if total > 24<<10 {
		t.Errorf("the assets are %d bytes compressed", total)
	}
}
