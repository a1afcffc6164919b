package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// shared is the browser process of all tests. Each test has its own profile in
// it.
var shared struct {
	sync.Once
	ctx   context.Context
	close func()
	err   error
}

var errNoChromium = errors.New("no chromium, chromium-browser or google-chrome in PATH: " +
	"no page was tested in a browser")

func openBrowser() {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		shared.err = errNoChromium
		return
	}
	profile, err := os.MkdirTemp("", "keylodge-chromium-")
	if err != nil {
		shared.err = err
		return
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profile),
		chromedp.Flag("headless", "new"),
	}
	for _, flag := range []string{
		"no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
		"disable-component-update", "disable-sync", "disable-default-apps", "disable-extensions", "hide-scrollbars",
	} {
		options = append(options, chromedp.Flag(flag, true))
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	shared.ctx, shared.err = ctx, chromedp.Do(ctx)
	shared.close = func() {
		cancel()
		cancelAllocator()
		os.RemoveAll(profile)
	}
}

func closeBrowser() {
	if shared.close != nil {
		shared.close()
	}
}

// viewport is how a page is shown: whether scripts run, the window's width in
// pixels, and the color scheme.
type viewport struct {
	scripts bool
	width   int64
	dark    bool
}

func (v viewport) String() string {
	scripts := "off"
	if v.scripts {
		scripts = "on"
	}
	return fmt.Sprintf("scripts %s, %d px, %s", scripts, v.width, v.scheme())
}

func (v viewport) scheme() string {
	if v.dark {
		return "dark"
	}
	return "light"
}

var (
	desktop = viewport{scripts: true, width: 1280}
	phone   = viewport{scripts: true, width: 360, dark: true}
)

// other returns the opposite: a phone for a desktop, the other color scheme.
func (v viewport) other() viewport {
	if v.width < 500 {
		return viewport{scripts: v.scripts, width: desktop.width, dark: !v.dark}
	}
	return viewport{scripts: v.scripts, width: phone.width, dark: !v.dark}
}

// page is one tab.
type page struct {
	t        *testing.T
	ctx      context.Context
	frame    cdp.FrameID
	base     string
	viewport viewport

	mu         sync.Mutex
	requests   []string // the URLs that it requested
	pageErrors []string // console messages, exceptions, policy violations
	asked      int      // how often the page asked whether to leave it
}

// open returns a tab in a new profile.
func (s *server) open(t *testing.T, v viewport) *page {
	t.Helper()
	shared.Do(openBrowser)
	if errors.Is(shared.err, errNoChromium) {
		cannot(t, shared.err.Error())
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return newPage(t, shared.ctx, s.url, v, chromedp.WithNewBrowserContext())
}

// newTab returns another tab of the same profile.
func (p *page) newTab() *page { return newPage(p.t, p.ctx, p.base, p.viewport) }

func newPage(t *testing.T, parent context.Context, base string, v viewport, options ...chromedp.ContextOption) *page {
	t.Helper()
	p := &page{t: t, base: base, viewport: v}
	var cancel context.CancelFunc
	p.ctx, cancel = chromedp.NewContext(parent, append(options, chromedp.WithListener(p.hear))...)
	t.Cleanup(cancel)
	t.Cleanup(p.pictureOfFailure)
	// No deadline of its own: it would be the tab's.
	if err := within(func() error { return chromedp.Do(p.ctx) }); err != nil {
		t.Fatal(err)
	}
	tree := call(p, cdppage.GetFrameTree, cdp.Empty{})
	p.frame = tree.FrameTree.Frame.ID
	call(p, audits.Enable, cdp.Empty{})
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !v.scripts})
	call(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.setViewport(v)
	return p
}

// setViewport changes the color scheme and the width of the window.
func (p *page) setViewport(v viewport) {
	p.t.Helper()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: v.scheme()}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	p.resize(v.width)
}

// within returns the result of do, or an error after timeout.
func within(do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-time.After(timeout):
		return errors.New("the browser did not open a tab in time")
	}
}

// call runs one command of the DevTools protocol on the tab.
func call[P, R any](p *page, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, timeout)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		p.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

func (p *page) resize(width int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, 800))
}

// clipboard allows or denies the page access to the clipboard.
func (p *page) clipboard(setting browser.PermissionSetting) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, timeout)
	defer cancel()
	for _, name := range []string{"clipboard-write", "clipboard-read"} {
		_, err := chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: setting, Origin: p.base,
			BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
		})
		if err != nil {
			p.t.Fatal(err)
		}
	}
}

// hear records the events of the tab. It is called for every event
// and must not call the browser.
func (p *page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		p.pageErrors = append(p.pageErrors, fmt.Sprintf("exception: %v",
			(&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error()))
	case *runtime.EventConsoleAPICalled:
		p.pageErrors = append(p.pageErrors, fmt.Sprintf("console.%s: %s", e.Type, consoleText(e.Args)))
	case *log.EventEntryAdded:
		text := fmt.Sprintf("%s %s: %s (%s)", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		failed := e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning
		if failed && e.Entry.Source != log.EntrySourceNetwork { // which reports every 404 that a test asks for
			p.pageErrors = append(p.pageErrors, text)
		}
	case *audits.EventIssueAdded:
		if e.Issue.Code == audits.InspectorIssueCodeContentSecurityPolicyIssue {
			d := e.Issue.Details.ContentSecurityPolicyIssueDetails
			p.pageErrors = append(p.pageErrors, fmt.Sprintf("content security policy: %s %s", d.ViolatedDirective,
				d.BlockedURL))
		}
	case *cdppage.EventJavascriptDialogOpening:
		p.asked++
		go chromedp.Call(p.ctx, cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{Accept: true})
	}
}

// consoleText returns the arguments of a console call as one line.
func consoleText(args []*runtime.RemoteObject) string {
	var words []string
	for _, a := range args {
		words = append(words, string(a.Value)+a.Description)
	}
	return strings.Join(words, " ")
}
