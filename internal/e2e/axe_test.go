package e2e

import (
	_ "embed"
	"fmt"
	"net/url"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed testdata/axe/axe.min.js
var axeSource string

// axeRun asks for every rule of WCAG 2.0, 2.1 and 2.2, levels A and AA.
const axeRun = `axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"], resultTypes: ["violations"],
}).then(r => r.violations.map(v => v.id + ": " + v.help + "\n" +
  v.nodes.map(n => "    " + n.html + "\n    " + n.failureSummary).join("\n")))`

// axe loads axe-core into an isolated world, which the page's scripts and
// policy don't reach.
func (p *page) axe() runtime.ExecutionContextID {
	p.t.Helper()
	world := call(p, cdppage.CreateIsolatedWorld, cdppage.CreateIsolatedWorldParams{FrameID: p.frame, WorldName: "axe"})
	p.inAxe(world.ExecutionContextID, axeSource+"; true")
	return world.ExecutionContextID
}

// inAxe runs an expression in axe-core's world. Where scripts are off, it turns
// them on meanwhile. The page's own scripts don't run then, because they were
// skipped when it was loaded.
func (p *page) inAxe(axe runtime.ExecutionContextID, expression string) string {
	p.t.Helper()
	if !p.viewport.scripts {
		call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
		defer call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
	yes := true
	result := call(p, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ContextID: axe, AwaitPromise: &yes, ReturnByValue: &yes,
	})
	if result.ExceptionDetails != nil {
		p.t.Fatalf("axe-core: %v", result.ExceptionDetails)
	}
	return string(result.Result.Value)
}

// checkAccessibility fails the test for each violation that axe-core finds.
func (p *page) checkAccessibility(axe runtime.ExecutionContextID, what string) {
	p.t.Helper()
	if text := p.inAxe(axe, axeRun); text != "[]" {
		p.t.Errorf("%s: axe-core finds:\n%s", what, strings.ReplaceAll(text, `\n`, "\n"))
	}
}

// checkLayout fails the test when the page must be scrolled sideways.
func (p *page) checkLayout(what string) {
	p.t.Helper()
	type widths struct{ Content, Window int }
	w := mustEval[widths](p, `({
		content: Math.max(document.documentElement.scrollWidth,
			...[...document.querySelectorAll("dialog[open]")].map(d => Math.ceil(d.getBoundingClientRect().right))),
		window: document.documentElement.clientWidth,
	})`)
	if w.Content > w.Window {
		p.t.Errorf("%s: %d px wide in a window of %d px", what, w.Content, w.Window)
	}
}

// checkErrors fails the test for every console or page error, and for every
// request to another origin.
func (p *page) checkErrors() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, message := range p.pageErrors {
		p.t.Errorf("console or page error: %s", message)
	}
	p.pageErrors = nil
	for _, request := range p.requests {
		if strings.HasPrefix(request, "data:image/") {
			continue // the browser's own, such as the icon of a date field; the policy forbids them to pages
		}
		if u, err := url.Parse(request); err != nil || u.Scheme+"://"+u.Host != p.base {
			p.t.Errorf("a request to another origin: %s", request)
		}
	}
}

// step checks the page at both widths and in both color schemes, and saves
// screenshots if KEYLODGE_SCREENSHOTS is set.
func (p *page) step(n int, what string) {
	p.t.Helper()
	axe := p.axe()
	for _, v := range []viewport{p.viewport, p.viewport.other()} {
		p.setViewport(v)
		p.checkAccessibility(axe, what+", "+v.String())
		p.checkLayout(what + ", " + v.String())
		if v.width < 500 { // WCAG 2.2, 1.4.10: no horizontal scrolling at 320 px
			p.resize(320)
			p.checkLayout(what + " at 320 px")
			p.resize(v.width)
		}
		if screenshots != "" {
			p.picture(screenshots, fmt.Sprintf("%s %02d %s", v, n, what))
		}
	}
	p.setViewport(p.viewport)
	p.checkErrors()
}

// press presses keys in turn.
func (p *page) press(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		if key == kb.Enter {
			p.pressEnter()
			continue
		}
		p.do(chromedp.KeyEvent(key))
	}
}

// pressEnter sends the key and its character as one event, as a keyboard does.
// If it sent two, a fast page could open a form between them, and the second
// would submit it.
func (p *page) pressEnter() {
	p.t.Helper()
	enter := input.DispatchKeyEventParams{
		Type:                  input.DispatchKeyEventTypeKeyDown,
		Key:                   "Enter",
		Code:                  "Enter",
		Text:                  "\r",
		UnmodifiedText:        "\r",
		WindowsVirtualKeyCode: 13,
	}
	call(p, input.DispatchKeyEvent, enter)
	enter.Type, enter.Text, enter.UnmodifiedText = input.DispatchKeyEventTypeKeyUp, "", ""
	call(p, input.DispatchKeyEvent, enter)
}
