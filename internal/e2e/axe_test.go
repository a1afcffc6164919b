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
}).then(r => r.violations.map(v => v.id + ": " + v.help + "\n" + v.nodes.map(n => "    " + n.html + "\n    " + n.failureSummary).join("\n")))`

// checkAccessibility fails the test for what axe-core finds. It runs beside the
// page's scripts, in a world of its own that the page's policy does not reach.
// Where scripts are off they are on for as long as it takes: the page's own
// were passed over when it was loaded.
func (p *page) checkAccessibility(what string) {
	p.t.Helper()
	if !p.look.scripts {
		call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
		defer call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
	world := call(p, cdppage.CreateIsolatedWorld, cdppage.CreateIsolatedWorldParams{FrameID: p.frame, WorldName: "axe"})
	yes := true
	for _, expression := range []string{axeSource + "; true", axeRun} {
		result := call(p, runtime.Evaluate, runtime.EvaluateParams{
			Expression: expression, ContextID: world.ExecutionContextID, AwaitPromise: &yes, ReturnByValue: &yes,
		})
		if result.ExceptionDetails != nil {
			p.t.Fatalf("axe-core: %v", result.ExceptionDetails)
		}
		if text := string(result.Result.Value); expression == axeRun && text != "[]" {
			p.t.Errorf("%s: axe-core finds:\n%s", what, strings.ReplaceAll(text, `\n`, "\n"))
		}
	}
}

// checkLayout fails the test when the page must be scrolled sideways.
func (p *page) checkLayout(what string) {
	p.t.Helper()
	type widths struct{ Content, Window int }
	w := mustEval[widths](p, `({content: Math.max(document.documentElement.scrollWidth, ...[...document.querySelectorAll("dialog[open]")].map(d => Math.ceil(d.getBoundingClientRect().right))), window: document.documentElement.clientWidth})`)
	if w.Content > w.Window {
		p.t.Errorf("%s: %d px wide in a window of %d px", what, w.Content, w.Window)
	}
}

// checkConversation fails the test for what the browser complained of, and for
// every request to another origin.
func (p *page) checkConversation() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, complaint := range p.complaints {
		p.t.Errorf("the browser complains: %s", complaint)
	}
	p.complaints = nil
	for _, request := range p.requests {
		if strings.HasPrefix(request, "data:image/") {
			continue // of the browser's own, such as the calendar in a field for a date: the policy lets pages have none
		}
		if u, err := url.Parse(request); err != nil || u.Scheme+"://"+u.Host != p.base {
			p.t.Errorf("a request to another origin: %s", request)
		}
	}
}

// step checks and, when pictures are wanted, keeps what is seen now.
func (p *page) step(n int, what string) {
	p.t.Helper()
	p.checkAccessibility(what)
	p.checkLayout(what)
	if p.look.width < 500 { // WCAG 2.2, 1.4.10: nothing to scroll sideways for at 320 px
		p.resize(320)
		p.checkLayout(what + " at 320 px")
		p.resize(p.look.width)
	}
	p.checkConversation()
	if screenshots != "" {
		p.picture(screenshots, fmt.Sprintf("%s %02d %s", p.look, n, what))
	}
}

// press presses a key as often as it is given.
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

// pressEnter sends the key and what it writes as one event, as a keyboard does.
// As two, a page that is quick may open a form between them, and the second
// would send it.
func (p *page) pressEnter() {
	p.t.Helper()
	enter := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "Enter", Code: "Enter", Text: "\r", UnmodifiedText: "\r", WindowsVirtualKeyCode: 13}
	call(p, input.DispatchKeyEvent, enter)
	enter.Type, enter.Text, enter.UnmodifiedText = input.DispatchKeyEventTypeKeyUp, "", ""
	call(p, input.DispatchKeyEvent, enter)
}
