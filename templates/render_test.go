package templates

import (
	"context"
	"html"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

const evil = `"><img src=x onerror=1>' {{7*7}}`

var (
	frame = Layout{
		Title: evil, Now: now, Workspace: workspace.Workspace{
			Name: evil, DisabledAt: now, AuditDays: 90,
			SignIn: workspace.SignInPolicy{Require: workspace.RequirePasskey, From: now.Add(day)},
		},
		Viewer: workspace.Member{
			UserID: "usr_1", Name: evil, Email: evil, Role: workspace.RoleOwner, Active: true,
		}, Others: []Other{{evil, evil}},
	}
	stranger = Layout{Title: evil, Now: now, Workspace: workspace.Workspace{Name: evil}}
	oneTime  = secret.New("kl")
	key      = workspace.ListedKey{
		Key: workspace.Key{
			ID: "key_1", OwnerID: "usr_1", Name: evil, Hint: evil, CreatedAt: now.Add(-day), ExpiresAt: now.Add(day),
			DisabledAt: now,
			Limits: workspace.Limits{
				Scopes: []string{evil}, Rate: ratelimit.Rate{Requests: 100, Window: time.Minute},
			},
		},
		OwnerName: evil, LastUse: workspace.Use{
			At: now.Add(-time.Hour), IP: netip.MustParseAddr("203.0.113.7"), Agent: evil,
		},
	}
	providers = []workspace.Provider{{ID: evil, Name: evil, Issuer: evil, ClientID: evil, ClientSecret: evil,
		Domains: []string{evil}, NewRole: workspace.RoleAdmin, RoleClaim: evil}}
	activity = workspace.KeyActivity{
		Hours: []workspace.HourCount{
			{Hour: now, Decision: workspace.DecisionValid, Checks: 3},
			{Hour: now, Decision: workspace.DecisionRevoked, Checks: 1},
		},
		Sources: []workspace.KeySource{
			{Decision: workspace.DecisionRevoked, Checks: 1, Use: workspace.Use{At: now, Agent: evil}},
			{Decision: workspace.DecisionValid, Use: workspace.Use{At: now, Agent: evil}},
		},
		Rotation: &workspace.Rotation{
			Old: workspace.OldSecret{Hint: evil, EndsAt: now}, LastUse: workspace.Use{At: now, Agent: evil},
		},
		Trail: trail,
	}
	trail = []workspace.ListedEvent{{
		Event: workspace.Event{
			At: now, ActorKind: workspace.ActorPerson, ActorID: evil, Action: workspace.ActionKeyEdited, TargetID: evil,
			Details: map[string]string{evil: evil, evil + "_before": evil}, IP: evil, RequestID: evil,
			Number: 1204,
		},
		ActorName: evil, TargetName: evil,
	}, {Event: workspace.Event{At: now, ActorKind: workspace.ActorServer, Action: workspace.ActionAuditLogPruned,
		TargetID: evil, Number: 1205,
		Details: map[string]string{"events": "1204", "until": evil, "number": "1203", "hash": evil}}}}
	ways = workspace.SignInMethods{
		Password: true, Factor: workspace.SecondFactor{
			Since: now, CodesLeft: 3,
		}, Passkeys: []workspace.Passkey{{ID: evil, Name: evil, CreatedAt: now, UsedAt: now}},
		Identities: []workspace.Identity{{Issuer: evil, Subject: evil, CreatedAt: now, UsedAt: now}},
	}
	robot = workspace.ListedMember{
		Member: workspace.Member{UserID: "svc_1", Service: true, Name: evil, Role: workspace.RoleAuditor}, Keys: 2,
	}
	revokedKey = func() workspace.ListedKey {
		k := key
		k.RevokedAt, k.RevokedBy, k.RevokedByName = now, "usr_2", evil
		return k
	}()
	undeliveredMessages = []workspace.Message{
		{ID: evil, Channel: workspace.ChannelMail, Kind: workspace.MessageText, To: evil,
			Payload: `{"subject": "<img src=x>"}`, GivenUpAt: now, LastError: evil},
		{ID: evil, Channel: workspace.ChannelWebhook, Kind: workspace.MessageEvent, Host: evil,
			Payload: `{"type": "key.leaked"}`, GivenUpAt: now, LastError: evil},
	}
	wrong = workspace.Fields{
		"message": evil, "webhook": evil,
		"name": evil, "slug": evil, "workspace_name": evil, "email": evil, "password": evil, "expires": evil,
		"expires_at": evil, "nonce": evil,
		"access": evil, "owner": evil, "new_owner": evil, "role": evil, "keys": evil, "passkey": evil, "require": evil,
		"days": evil, "issuer": evil, "client_id": evil, "client_secret": evil, "new_role": evil, "domains": evil,
		"role_claim": evil, "role_map": evil, "max_days": evil, "default_days": evil, "full_access": evil,
		"within": evil, "max_keys": evil, "scope": evil, "allow_from": evil, "rate_limit": evil,
		"audit_days": evil,
	}
)

func keysIn(state workspace.KeyState, keys ...workspace.ListedKey) KeyListView {
	return KeyListView{
		Layout: frame, State: state, Counts: workspace.KeyCounts{
			workspace.KeyActive: 1204, state: 1204,
		}, Page: workspace.KeyPage{Keys: keys},
		MayAdd: true, Notice: evil, Self: paths.Keys + "?state=" + string(state),
	}
}

var catalog = workspace.ScopeCatalog{
	Scopes: []workspace.NamedScope{{Name: evil, Description: evil,
		Group: evil}}, Templates: []workspace.ScopeTemplate{{Name: evil, Scopes: []string{evil}}},
}

// everything is each component, with text in each place that takes some.
var everything = map[string]templ.Component{
	"WorkspaceSetupPage": WorkspaceSetupPage(stranger, WorkspaceSetupForm{evil, evil, evil, evil, evil, evil, wrong}),
	"SignInPage":         SignInPage(stranger, SignInForm{evil, evil, evil, evil, providers}),
	"ResetPasswordPage": ResetPasswordPage(stranger, ResetPasswordForm{
		evil, workspace.EmailLink{Email: evil, RemovesMethods: true}, wrong,
	}),
	"WorkspaceFindPage": WorkspaceFindPage(stranger, WorkspaceFindForm{evil, evil, evil, wrong}),
	"MessagePage":       MessagePage(MessageView{stranger, evil, evil, "javascript:alert(1)", evil}),
	"ErrorPage":         ErrorPage(ErrorView{frame, 404, evil, evil, evil}),
	"ErrorDialog":       ErrorDialog(ErrorView{frame, 404, evil, evil, evil}),
	"TOTPPage":          TOTPPage(TOTPView{frame, evil, evil, wrong}),
	"RecoveryCodesPage": RecoveryCodesPage(RecoveryCodesView{frame, []string{evil, evil}}),
	"SignInCodePage":    SignInCodePage(stranger, SignInCodeForm{evil, evil, wrong}),
	"StepUpPage":        StepUpPage(frame, StepUpForm{ways, providers, evil, true, true, WithFactor, true, wrong}),
	"SecurityPage":      SecurityPage(SecurityView{frame, ways, true, providers, true, evil, true, evil, wrong}),
	"SessionsPage": SessionsPage(SessionsView{frame, []workspace.Session{
		{IP: evil, UserAgent: evil}, {IP: evil, UserAgent: "Mozilla/5.0 Linux Chrome/1 " + evil},
	}, evil, evil}),
	"MemberListPage": MemberListPage(MemberListView{
		frame, []workspace.ListedMember{{Member: frame.Viewer, Keys: 1}}, evil, evil,
		[]workspace.Invitation{{Email: evil, Role: workspace.RoleAdmin}},
	}),
	"MemberChangePageOfService": MemberChangePage(MemberChangeView{frame, robot.Member, workspace.Roles, wrong}),
	"ServiceAccountsPage": ServiceAccountsPage(MemberListView{
		frame, []workspace.ListedMember{robot}, evil, evil, nil,
	}),
	"ServiceAccountAddPage": ServiceAccountAddPage(frame, workspace.Roles, ServiceAccountForm{
		evil, workspace.RoleAdmin, wrong,
	}),
	"WorkspaceWebhookPage": WorkspaceWebhookPage(frame, evil, evil),
	"ScopeCatalogPage": ScopeCatalogPage(ScopeCatalogView{
		frame, evil, catalog, catalog.Scopes[0], evil, evil, wrong,
	}),
	"MemberRemovePage": MemberRemovePage(MemberRemoveView{
		frame, frame.Viewer, workspace.KeysInUse{Total: 3, Keys: []workspace.ListedKey{key}},
		[]workspace.ListedMember{robot}, "hand-over", evil, wrong,
	}),
	"MemberChangePage": MemberChangePage(MemberChangeView{frame, frame.Viewer, workspace.Roles, wrong}),
	"MemberInvitePage": MemberInvitePage(frame, workspace.Roles, MemberInviteForm{
		evil, workspace.RoleAdmin, wrong,
	}),
	"MemberInvitedPage": MemberInvitedPage(MemberInvitedView{
		frame, workspace.RoleAdmin, []workspace.Invited{{Email: evil}, {Email: evil, Failed: evil}}, true,
		func(string) string { return evil },
	}),
	"InvitationPage": InvitationPage(stranger, InvitationForm{evil, evil, workspace.RoleAdmin, evil, wrong}),
	"KeyListPage":    KeyListPage(keysIn(workspace.KeyActive, key)),
	"ProvidersPage":  ProvidersPage(ProvidersView{frame, providers, evil, evil}),
	"ProviderPage": ProviderPage(frame,
		ProviderForm{providers[0], evil, evil, evil,
			workspace.Event{At: now, Details: map[string]string{"error": evil}}, evil, wrong}),
	"ProviderRedirectPage": ProviderRedirectPage(stranger, evil, "https://login.example/?x="+evil),
	"KeyPage":              KeyPage(KeyView{frame, key, activity, true, true, true, evil, evil}),
	"KeyPageRevoked":       KeyPage(KeyView{frame, revokedKey, activity, false, false, true, evil, evil}),
	"KeyEditPage": KeyEditPage(KeyEditView{
		KeyForm{
			frame, evil, evil, evil, evil, evil, []string{evil}, catalog, evil, evil, evil, nil, evil, true, wrong,
		},
		key, evil,
	}),
	"AuditLogPage": AuditLogPage(AuditLogView{
		frame, workspace.EventQuery{ActorID: evil, TargetID: evil, Action: evil}, evil, evil, trail, evil,
	}),
	"ForgottenPasswordPage": ForgottenPasswordPage(stranger, ForgottenPasswordForm{evil, true, wrong}),
	"ConfirmEmailPage":      ConfirmEmailPage(frame, evil, workspace.EmailLink{Email: evil, RemovesMethods: true}),
	"CancelEmailPage":       CancelEmailPage(stranger, evil, evil),
	"WorkspaceSettingsPage": WorkspaceSettingsPage(WorkspaceSettingsView{
		frame, evil, wrong, evil, evil, evil, KeyPolicyForm{evil, evil, evil, evil, evil, evil},
		workspace.RequirePasskey, evil, evil, evil, now, undeliveredMessages,
	}),
	"WorkspaceDeletePage": WorkspaceDeletePage(WorkspaceDeleteView{frame, 2, wrong}),
	"KeyListExpired":      KeyList(keysIn(workspace.KeyExpired, key)),
	"KeyListRevoked":      KeyList(keysIn(workspace.KeyRevoked, revokedKey)),
	"KeyListNone":         KeyList(keysIn(workspace.KeyRevoked)),
	"KeyListFirst":        KeyListPage(KeyListView{Layout: frame, State: workspace.KeyActive, MayAdd: true}),
	"NoKeysPage":          NoKeysPage(NoKeysView{frame, []workspace.Member{frame.Viewer}}),
	"KeyAddPage": KeyAddPage(KeyForm{
		frame, evil, evil, evil, evil, evil, []string{evil}, catalog, evil, evil, evil,
		[]workspace.ListedMember{robot}, evil, true, wrong,
	}),
	"KeyAddDialog": KeyAddDialog(KeyForm{
		frame, evil, evil, evil, evil, evil, []string{evil}, catalog, evil, evil, evil, nil, evil, true, wrong,
	}),
	"KeyOncePage":          KeyOncePage(KeyOnceView{frame, key.Key, oneTime, "http://acme.localhost:8080", "24h"}),
	"KeyOnceDialog":        KeyOnceDialog(KeyOnceView{frame, key.Key, oneTime, "http://acme.localhost:8080", "24h"}),
	"AlreadyCreatedPage":   AlreadyCreatedPage(AlreadyCreatedView{frame, key, true}),
	"AlreadyCreatedDialog": AlreadyCreatedDialog(AlreadyCreatedView{frame, key, true}),
	"OverviewPage": OverviewPage(OverviewView{
		frame,
		workspace.Overview{
			Counts: workspace.KeyCounts{workspace.KeyActive: 3},
			Health: workspace.KeyHealth{Unused: 1001, WeakOwners: 1}, Hours: activity.Hours,
		},
	}),
	"KeyBulkPage": KeyBulkPage(KeyBulkView{frame, workspace.BulkRevoke, true, []string{evil}, 1, workspace.KeyActive,
		workspace.KeyFilter{Text: evil}, evil, evil, evil, evil, wrong}),
	"KeyBulkPageExpire": KeyBulkPage(KeyBulkView{frame, workspace.BulkExpire, false, []string{evil}, 0,
		workspace.KeyActive,
		workspace.KeyFilter{}, evil, evil, evil, evil, wrong}),
	"KeyBulkPageNone": KeyBulkPage(KeyBulkView{Layout: frame, Back: evil}),
	"JobPage": JobPage(JobView{frame,
		workspace.Job{Kind: workspace.JobBulk, Bulk: workspace.BulkRevoke, Total: 3, Done: 2, Changed: 1, Failed: 1}}),
	"KeyRotatePage":   KeyRotatePage(KeyRotateView{frame, key, wrong}),
	"KeyRevokePage":   KeyRevokePage(KeyRevokeView{frame, key, activity, evil, paths.Keys, wrong}),
	"KeyRevokeDialog": KeyRevokeDialog(KeyRevokeView{frame, key, activity, evil, paths.Keys, wrong}),
	"AlreadyRevoked":  KeyRevokeDialog(KeyRevokeView{frame, revokedKey, activity, evil, "javascript:alert(1)", nil}),
}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestTextStaysText puts markup and template code into every text there is and
// looks for it coming alive, and for anything that the Content-Security-Policy
// would refuse.
func TestTextStaysText(t *testing.T) {
	alive := map[string]*regexp.Regexp{
		"a name became an element":  regexp.MustCompile(`<img`),
		"a name was computed":       regexp.MustCompile(`\b49\b`),
		"a style in the markup":     regexp.MustCompile(`<[^>]*\sstyle=|<style`),
		"a handler in the markup":   regexp.MustCompile(`<[a-z]+(\s+[a-z-]+="[^"]*")*\s+(on[a-z]+|hx-on[^=]*)=`),
		"a script in the markup":    regexp.MustCompile(`<script>|<script[^>]*>[^<]`),
		"an address that runs code": regexp.MustCompile(`(href|action)="javascript:`),
	}
	for name, c := range everything {
		got := render(t, c)
		for what, re := range alive {
			if found := re.FindString(got); found != "" {
				t.Errorf("%s: %s: %s", name, what, found)
			}
		}
	}
	if list := render(t, everything["KeyListPage"]); !strings.Contains(html.UnescapeString(list),
		`aria-label="Revoke `+evil) {
		t.Error("the name is not on the list as it was typed")
	}
}

// TestPageAndDialogIDs looks for ids that are not unique and for references to
// ids that do not exist.
func TestPageAndDialogIDs(t *testing.T) {
	id := regexp.MustCompile(`\sid="([^"]*)"`)
	ref := regexp.MustCompile(`\s(?:for|aria-describedby|aria-labelledby|popovertarget|data-copy)="([^"]*)"`)
	for name, c := range everything {
		got := render(t, c)
		ids := map[string]bool{}
		for _, m := range id.FindAllStringSubmatch(got, -1) {
			if ids[m[1]] {
				t.Errorf("%s: id %q twice", name, m[1])
			}
			ids[m[1]] = true
		}
		for _, m := range ref.FindAllStringSubmatch(got, -1) {
			for want := range strings.FieldsSeq(m[1]) {
				if !ids[want] {
					t.Errorf("%s: no element has the id %q", name, want)
				}
			}
		}
	}
}

// TestSecretIsOnlyWhereItIsWipedFrom holds app.js's promise to empty every
// element that holds a key.
func TestSecretIsOnlyWhereItIsWipedFrom(t *testing.T) {
	held := regexp.MustCompile(`<(code|pre)[^>]* data-key[^>]*>[^<]*`)
	for name, c := range everything {
		got := render(t, c)
		if once := strings.HasPrefix(name, "KeyOnce"); once != strings.Contains(got, oneTime.Reveal()) {
			t.Errorf("%s: shows the key: %v", name, !once)
		}
		if strings.Contains(held.ReplaceAllString(got, ""), oneTime.Reveal()) {
			t.Errorf("%s: the key is in an element without data-key", name)
		}
	}
}

func TestSnippetIsAShellCommand(t *testing.T) {
	v := KeyOnceView{Secret: oneTime, Origin: "http://acme.localhost:8080"}
	want := "export KEYLODGE_API_KEY='" + oneTime.Reveal() + "'\n" +
		"curl http://acme.localhost:8080/api/v1/me \\\n  -H \"Authorization: Bearer $KEYLODGE_API_KEY\""
	if got := v.snippet(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if page := render(t, KeyOncePage(v)); !strings.Contains(html.UnescapeString(page), ">"+want+"</pre>") {
		t.Error("the page's snippet is another one")
	}
}

func TestWhatTheListOffers(t *testing.T) {
	nobody := keysIn(workspace.KeyActive, key)
	nobody.MayAdd, nobody.Viewer.Role = false, workspace.RoleAuditor
	more := keysIn(workspace.KeyRevoked, revokedKey)
	more.Page.Next = workspace.KeyCursor{At: now, ID: "key_00000000000000000000"}
	own := keysIn(workspace.KeyActive, key)
	own.OnlyOwn = true
	for _, c := range []struct {
		name      string
		component templ.Component
		has, not  []string
	}{
		{"all of it", KeyListPage(keysIn(workspace.KeyActive, key)),
			[]string{
				"Add API key", "/key_1/revoke?back=%2Fsettings%2Fapi-keys%3Fstate%3Dactive", "1,204 active keys",
				"deactivated",
			},
			[]string{"Previous", "Next", "of yours"}},
		{"to somebody who may only look", KeyListPage(nobody), []string{"1,204 active keys"}, []string{
			"Add API key", "/key_1/revoke",
		}},
		{"of one's own", KeyListPage(own), []string{"You see only your keys.", "1,204 active keys of yours"}, nil},
		{"with a next page", KeyList(more),
			[]string{
				"?after=" + more.Page.Next.String() + "&state=revoked", "Revoked by",
			}, []string{"Previous", "/key_1/revoke"}},
		{"before the first key", KeyListPage(KeyListView{Layout: frame, State: workspace.KeyActive, MayAdd: true}),
			[]string{"No API keys yet"}, []string{"<table", "Expired"}},
		{"an empty tab", KeyList(keysIn(workspace.KeyRevoked)), []string{"Nothing on this page any more"},
			[]string{"<table"}},
	} {
		got := html.UnescapeString(render(t, c.component))
		for _, want := range c.has {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %q", c.name, want)
			}
		}
		for _, not := range c.not {
			if strings.Contains(got, not) {
				t.Errorf("%s: there is %q", c.name, not)
			}
		}
	}
}

func TestFormsBringBackWhatWasTypedButNoPassword(t *testing.T) {
	form := KeyForm{Layout: frame, Name: "CI", Expires: "date", ExpiresAt: "2020-01-01T00:00", Nonce: "n1",
		Errors: workspace.Fields{"expires_at": "This moment has passed."}}
	got := render(t, KeyAddDialog(form))
	for _, want := range []string{
		`value="CI"`, `value="date" checked`, `value="2020-01-01T00:00"`, `value="n1"`, `role="alert"`,
		`aria-describedby="expires_at-error"`,
		`aria-invalid="true" autofocus`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, page := range []string{"WorkspaceSetupPage", "SignInPage", "ResetPasswordPage"} {
		field := regexp.MustCompile(`<input[^>]*type="password"[^>]*>`).FindString(render(t, everything[page]))
		if field == "" || strings.Contains(field, "value=") {
			t.Errorf("%s: %q", page, field)
		}
	}
}
