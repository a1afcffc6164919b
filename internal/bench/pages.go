package main

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// measureKeysPage compares the first page of the list in a large workspace with
// that in a small one.
func measureKeysPage(ctx context.Context, b *bench) ([]row, error) {
	var servers [2]*server
	var cookies [2]string
	for i, db := range []string{b.many, b.few} {
		s, err := b.keylodge(ctx, db)
		if err != nil {
			return nil, err
		}
		defer s.stop()
		c, err := s.signIn()
		if err != nil {
			return nil, err
		}
		servers[i], cookies[i] = s, "Cookie: "+c.String()
	}
	page := func(i int) func() (load, error) {
		return func() (load, error) {
			return b.wrk(ctx, servers[i].url+"/settings/api-keys", 1, "", "", cookies[i], "Accept-Encoding: gzip")
		}
	}
	both, err := interleave(page(0), page(1))
	if err != nil {
		return nil, err
	}
	large, small := medianOf(both[0], load.usual), medianOf(both[1], load.usual)
	return []row{{
		fmt.Sprintf("keys page, %d rows, with %d keys against %d", fewKeys, manyKeys, fewKeys),
		fmt.Sprintf("%.2f ms, %.2f ms", large, small), ratio(large, small), "≤ 1.3",
	}}, nil
}

// measureStart measures from the start of the process to the first accepted
// key.
func measureStart(ctx context.Context, b *bench) ([]row, error) {
	var rows []row
	for _, d := range []struct {
		keys     int
		database string
		want     int // status; the secrets are of the large database
		aim      string
	}{
		{manyKeys, b.many, http.StatusNoContent, "≤ 2.5 s"},
		{thousandKeys, b.thousand, http.StatusUnauthorized, "≤ 50 ms"},
	} {
		var all []time.Duration
		for range rounds {
			began := time.Now()
			s, err := b.keylodge(ctx, d.database)
			if err != nil {
				return nil, err
			}
			status, err := s.verify(b.secrets[0])
			all = append(all, time.Since(began))
			s.stop()
			if err != nil || status != d.want {
				return nil, fmt.Errorf("the first verification got %d, %v", status, err)
			}
		}
		rows = append(rows, row{fmt.Sprintf("start with %d keys, to the first answer", d.keys),
			median(all).Round(time.Millisecond).String(), "", d.aim})
	}
	return rows, nil
}

var assets = regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`)

// measureFirstVisit adds up what a browser with an empty cache receives for the
// keys page.
func measureFirstVisit(ctx context.Context, b *bench) ([]row, error) {
	s, err := b.keylodge(ctx, b.many)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	c, err := s.signIn()
	if err != nil {
		return nil, err
	}
	page, total, err := fetch(s.url+"/settings/api-keys", c)
	if err != nil {
		return nil, err
	}
	parts := []string{fmt.Sprintf("page %.1f", float64(total)/1000)}
	var seen []string
	for _, m := range assets.FindAllStringSubmatch(page, -1) {
		if slices.Contains(seen, m[1]) {
			continue
		}
		seen = append(seen, m[1])
		_, size, err := fetch(s.url+m[1], c)
		if err != nil {
			return nil, err
		}
		total += size
		parts = append(parts, fmt.Sprintf("%s %.1f", m[1][strings.LastIndex(m[1], "/")+1:], float64(size)/1000))
	}
	return []row{{"first visit to the keys page, compressed",
		fmt.Sprintf("%.1f kB (%s)", float64(total)/1000, strings.Join(parts, ", ")), "", "≤ 40 kB"}}, nil
}

// fetch returns a body, and how many bytes it was on the wire.
func fetch(url string, c *http.Cookie) (body string, wire int, err error) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return "", 0, err
	}
	r.AddCookie(c)
	r.Header.Set("Accept-Encoding", "gzip")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", 0, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return "", 0, fmt.Errorf("%s answered %s: %v", url, answer.Status, err)
	}
	if answer.Header.Get("Content-Encoding") != "gzip" {
		return string(raw), len(raw), nil
	}
	z, err := gzip.NewReader(strings.NewReader(string(raw)))
	if err != nil {
		return "", 0, err
	}
	plain, err := io.ReadAll(z)
	return string(plain), len(raw), err
}

func ratio(a, b float64) string { return fmt.Sprintf("%.2f", a/b) }

// durations are how long something took under load and without it.
type durations struct {
	what        string
	busy, quiet []time.Duration
}

func (d durations) median(aim string) row { return d.row("median", 0.5, aim) }
func (d durations) p99(aim string) row    { return d.row("p99", 0.99, aim) }

func (d durations) row(name string, place float64, aim string) row {
	busy, quiet := inMillis(quantile(d.busy, place)), inMillis(quantile(d.quiet, place))
	return row{d.what + ", " + name, fmt.Sprintf("%.3f ms, %.3f ms", busy, quiet), ratio(busy, quiet), aim}
}
