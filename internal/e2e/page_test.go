package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// top is the part of the page that can be used: the open dialog, or otherwise
// the whole page.
const top = `([...document.querySelectorAll("dialog[open]")].pop() ?? document.body)`

// says returns the accessible name of an element.
const says = `(e => (e.getAttribute("aria-label") ?? e.textContent).trim().replace(/\s+/g, " "))`

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// eval evaluates an expression in the tab, even where the page's scripts are
// off.
func eval[T any](p *page, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, timeout)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

func mustEval[T any](p *page, expression string) T {
	p.t.Helper()
	v, err := eval[T](p, expression)
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits until an expression is true.
func (p *page) until(what, expression string) {
	p.t.Helper()
	deadline := time.Now().Add(timeout)
	for {
		if so, err := eval[bool](p, expression); err == nil && so {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("waited %v for: %s\n%s\n%s", timeout, what, p.location(), p.text())
		}
		time.Sleep(15 * time.Millisecond)
	}
}

// goTo opens a path or URL of the server.
func (p *page) goTo(address string) {
	p.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = p.base + address
	}
	p.do(chromedp.Navigate(address))
}

func (p *page) reload() { p.t.Helper(); p.do(chromedp.Reload()) }

// goBack presses Back, or Forward when steps is positive, and waits until the
// tab shows that page. A page that the browser kept is not loaded again.
func (p *page) goBack(steps int64) {
	p.t.Helper()
	before := call(p, cdppage.GetNavigationHistory, cdp.Empty{})
	to := before.CurrentIndex + steps
	if to < 0 || to >= int64(len(before.Entries)) {
		p.t.Fatalf("there is no page %d steps away in a history of %d", steps, len(before.Entries))
	}
	call(p, cdppage.NavigateToHistoryEntry, cdppage.NavigateToHistoryEntryParams{EntryID: before.Entries[to].ID})
	eventually(p.t, "to be another page of the history", func() bool {
		ctx, cancel := context.WithTimeout(p.ctx, timeout)
		defer cancel()
		now, err := chromedp.Call(ctx, cdppage.GetNavigationHistory, cdp.Empty{})
		return err == nil && now.CurrentIndex != before.CurrentIndex // fails while the page is changing
	})
	p.until("that the page is all there", `document.readyState === "complete"`)
}

func (p *page) do(action chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, timeout)
	defer cancel()
	if err := chromedp.Do(ctx, action); err != nil {
		p.t.Fatal(err)
	}
}

// see waits until the page is loaded and a text is visible in the dialog or
// page.
func (p *page) see(text string) {
	p.t.Helper()
	p.until("to see "+quoted(text),
		`document.readyState === "complete" && `+top+`.innerText.replace(/\s+/g, " ").includes(`+quoted(text)+`)`)
}

// reloadUntil reloads the page until it has a text, which the server shows once
// the usage of keys is written.
func (p *page) reloadUntil(text string) {
	p.t.Helper()
	p.until("to see "+quoted(text)+" after a reload", `(() => {
		if (document.body.innerText.includes(`+quoted(text)+`)) return true;
		location.reload();
		return false;
	})()`)
}

// gone waits until a text is gone.
func (p *page) gone(text string) {
	p.t.Helper()
	p.until("that this is gone: "+quoted(text),
		`document.readyState === "complete" && !document.body.innerText.includes(`+quoted(text)+`)`)
}

func (p *page) text() string {
	text, err := eval[string](p, top+`.innerText`)
	if err != nil {
		return err.Error()
	}
	return text
}

func (p *page) location() string {
	text, _ := eval[string](p, `location.href`)
	return text
}

// box returns where the first link, button or choice with a name is, and
// whether a click there would hit it.
const box = `(name => {
  const all = [...%[1]s.querySelectorAll("a[href], button, summary, .choice label, .tick")]
    .filter(e => %[2]s(e) === name && e.getClientRects().length);
  if (!all.length) return null;
  const e = all[0];
  e.scrollIntoView({block: "center", behavior: "instant"});
  const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
  const hit = document.elementFromPoint(x, y);
  return {x, y, free: !!hit && (e.contains(hit) || hit.contains(e))};
})(%[3]s)`

type spot struct {
	X, Y float64
	Free bool
}

// find returns where the link or button with a name is, once it can be clicked
// and does not move.
func (p *page) find(name string) spot {
	p.t.Helper()
	where := fmt.Sprintf(box, top, says, quoted(name))
	var last *spot
	eventually(p.t, "to click on "+quoted(name)+" at "+p.location()+"\n"+p.text(), func() bool {
		now, err := eval[*spot](p, where)
		if err != nil || now == nil || !now.Free || last == nil || *now != *last {
			last = now
			return false
		}
		return true
	})
	return *last
}

// click clicks the link or button with a name.
func (p *page) click(name string) {
	p.t.Helper()
	at := p.find(name)
	p.do(chromedp.MouseClickXY(at.X, at.Y))
}

// fill replaces the content of the field with a label.
func (p *page) fill(label, text string) {
	p.t.Helper()
	p.until("to find the field "+quoted(label), fmt.Sprintf(`(() => {
		const l = [...%s.querySelectorAll("label")].find(l => l.textContent.trim().startsWith(%s));
		const f = l && (l.control ?? l.querySelector("input"));
		if (!f) return false;
		f.focus();
		f.select();
		return document.activeElement === f;
	})()`, top, quoted(label)))
	call(p, input.InsertText, input.InsertTextParams{Text: text})
}

// screenshots is the folder for a picture of each step. No pictures are taken
// when it is empty.
var screenshots = os.Getenv("KEYLODGE_SCREENSHOTS")

var unfit = regexp.MustCompile(`[^0-9A-Za-z]+`)

// picture saves a screenshot of the tab.
func (p *page) picture(folder, name string) string {
	ctx, cancel := context.WithTimeout(p.ctx, timeout)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return err.Error()
	}
	file := filepath.Join(folder, strings.Trim(unfit.ReplaceAllString(name, "-"), "-")+".png")
	if err := os.WriteFile(file, png, 0o644); err != nil {
		return err.Error()
	}
	return file
}

// pictureOfFailure saves a screenshot when the test fails, and logs its path.
func (p *page) pictureOfFailure() {
	if !p.t.Failed() || p.ctx.Err() != nil {
		return
	}
	folder, err := os.MkdirTemp("", "keylodge-failure-")
	if err != nil {
		p.t.Log(err)
		return
	}
	p.t.Logf("at %s, as in %s", p.location(), p.picture(folder, p.t.Name()))
}
