package web

import (
	"bytes"
	"compress/gzip"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/static"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// gzippers compress at level 5: a fifth of the bytes, in little more time than
// level 1.
var gzippers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, 5)
	return z
}}

// render writes a component, compressed if the browser accepts that.
func (s *Server) render(c echo.Context, status int, component templ.Component) error {
	return s.write(c, status, component, static.TakesGzip(c.Request()))
}

// renderSecret writes a component that shows a secret. It is never compressed:
// an attacker who controls part of a response could guess the rest from its
// compressed size.
func (s *Server) renderSecret(c echo.Context, status int, component templ.Component) error {
	return s.write(c, status, component, false)
}

// renderDialog writes a response that htmx puts into the dialog of the page,
// whatever the request meant to swap.
func (s *Server) renderDialog(c echo.Context, status int, component templ.Component) error {
	c.Response().Header().Set("HX-Retarget", "#dialog")
	c.Response().Header().Set("HX-Reswap", "innerHTML")
	return s.render(c, status, component)
}

func (s *Server) write(c echo.Context, status int, component templ.Component, zip bool) error {
	page := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(page)
	page.Reset()
	if err := component.Render(c.Request().Context(), page); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Accept-Encoding, HX-Request")
	if !zip {
		c.Response().WriteHeader(status)
		_, err := page.WriteTo(c.Response())
		return err
	}
	h.Set("Content-Encoding", "gzip")
	c.Response().WriteHeader(status)
	z := gzippers.Get().(*gzip.Writer)
	defer gzippers.Put(z)
	z.Reset(c.Response())
	if _, err := page.WriteTo(z); err != nil {
		return err
	}
	return z.Close()
}
