package templates

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

// AuditLogView is one page of the audit log.
type AuditLogView struct {
	Layout
	Query    workspace.EventQuery
	From, To string // days, as typed
	Events   []workspace.ListedEvent
	Next     string // the id after which the next page begins; may be empty
}

// actionNames describe each action as the rest of a sentence that begins with
// the actor.
var actionNames = map[workspace.Action]string{
	workspace.ActionWorkspaceCreated:     "created the workspace",
	workspace.ActionWorkspaceDisabled:    "disabled all keys",
	workspace.ActionWorkspaceEnabled:     "enabled the keys again",
	workspace.ActionWorkspaceRenamed:     "renamed the workspace",
	workspace.ActionWorkspaceMoved:       "changed the address",
	workspace.ActionWorkspaceDeleted:     "deleted the workspace",
	workspace.ActionAuditRetentionSet:    "set how long the audit log is kept",
	workspace.ActionAuditLogPruned:       "deleted the oldest events",
	workspace.ActionKeyExpiryWarned:      "told that a key ends soon",
	workspace.ActionWebhookSet:           "set the webhook",
	workspace.ActionWebhookRemoved:       "removed the webhook",
	workspace.ActionWebhookTurnedOff:     "turned off the webhook",
	workspace.ActionMessageRetried:       "retried a message",
	workspace.ActionMessageDismissed:     "dismissed a message",
	workspace.ActionScopeSaved:           "saved a scope",
	workspace.ActionScopeRemoved:         "removed a scope",
	workspace.ActionScopeTemplateSaved:   "saved a template of scopes",
	workspace.ActionScopeTemplateRemoved: "removed a template of scopes",
	workspace.ActionSignInPolicySet:      "set how to sign in",
	workspace.ActionKeyPolicySet:         "set what keys may be",
	workspace.ActionMemberAdded:          "added a member",
	workspace.ActionMemberChanged:        "changed a member",
	workspace.ActionMemberRemoved:        "removed a member",
	workspace.ActionMemberInvited:        "invited",
	workspace.ActionMemberUninvited:      "withdrew an invitation",
	workspace.ActionServiceAccountAdded:  "added a service account",
	workspace.ActionKeyAdded:             "added a key",
	workspace.ActionKeyEdited:            "edited a key",
	workspace.ActionKeyRevoked:           "revoked a key",
	workspace.ActionKeyRestored:          "undid the revocation of a key",
	workspace.ActionKeyRotated:           "rotated a key",
	workspace.ActionOverlapSet:           "set when the old secret of a key ends",
	workspace.ActionKeyDisabled:          "disabled a key",
	workspace.ActionKeyEnabled:           "enabled a key",
	workspace.ActionKeyHandedOver:        "handed over a key",
	workspace.ActionSignedIn:             "signed in",
	workspace.ActionSignInRefused:        "was not let in",
	workspace.ActionSignedOut:            "signed out",
	workspace.ActionSessionsEnded:        "ended sessions",
	workspace.ActionResetLinkMade:        "made a link to set a password",
	workspace.ActionTOTPAdded:            "set up an authenticator app",
	workspace.ActionTOTPRemoved:          "removed an authenticator app",
	workspace.ActionCodesMade:            "made recovery codes",
	workspace.ActionCodeUsed:             "used a recovery code",
	workspace.ActionPasskeyAdded:         "added a passkey",
	workspace.ActionPasskeyRemoved:       "removed a passkey",
	workspace.ActionProviderAdded:        "added an identity provider",
	workspace.ActionProviderChanged:      "changed an identity provider",
	workspace.ActionProviderRemoved:      "removed an identity provider",
	workspace.ActionIdentityLinked:       "linked a provider",
	workspace.ActionIdentityUnlinked:     "unlinked a provider",
	workspace.ActionEmailChangeAsked:     "asked to change an address",
	workspace.ActionEmailChangeCanceled:  "canceled a change of address",
	workspace.ActionEmailChanged:         "changed an address",
	workspace.ActionPasswordSet:          "set a password",
	workspace.ActionPasswordRefused:      "gave a wrong password",
}

// actionChoices are the actions to filter by, sorted by name.
func actionChoices() []option {
	choices := []option{{"", "All acts"}}
	for _, a := range slices.SortedFunc(maps.Keys(actionNames),
		func(a, b workspace.Action) int { return strings.Compare(actionNames[a], actionNames[b]) }) {
		choices = append(choices, option{string(a), strings.ToUpper(actionNames[a][:1]) + actionNames[a][1:]})
	}
	return choices
}

// actorOf returns the name of the actor of an event.
func actorOf(e workspace.ListedEvent) string {
	switch {
	case e.ActorKind == workspace.ActorOperator:
		return "Command line"
	case e.ActorKind == workspace.ActorServer:
		return "Keylodge"
	case e.ActorKind == workspace.ActorKey:
		return "Whoever held the key"
	case e.ActorKind == workspace.ActorReport:
		return "A leak report"
	case e.ActorKind == workspace.ActorStranger:
		return "Somebody not signed in"
	case e.ActorName != "":
		return e.ActorName
	}
	return e.ActorID
}

// targetOf returns the name of the target of an event, or "" if it is the actor
// or the workspace.
func targetOf(e workspace.ListedEvent) string {
	switch {
	case e.TargetID == e.ActorID || e.TargetID == e.WorkspaceID:
		return ""
	case e.TargetName != "":
		return e.TargetName
	case e.Details["email"] != "":
		return e.Details["email"]
	}
	return e.Details["name"]
}

// shownElsewhere are details that other columns show.
var shownElsewhere = []string{"email", "name", "hint", "owner", "session"}

// detailsOf describes what changed: "role: member → admin".
func detailsOf(e workspace.ListedEvent) string {
	switch e.Action {
	// which say what the key was
	case workspace.ActionKeyRevoked, workspace.ActionKeyDisabled, workspace.ActionKeyEnabled:
		return strings.ReplaceAll(e.Details["reason"], "_", " ") + leakWords(e) + droppedWords(e)
	case workspace.ActionAuditLogPruned:
		return prunedWords(e.Event)
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(e.Details)) {
		before, changed := e.Details[name+"_before"]
		if strings.HasSuffix(name, "_before") || e.Details[name] == "" && !changed || !changed &&
			slices.Contains(shownElsewhere, name) {
			continue
		}
		text := strings.ReplaceAll(name, "_", " ") + ": "
		if changed {
			text += orNothing(before) + " → "
		}
		parts = append(parts, text+orNothing(e.Details[name]))
	}
	return strings.Join(parts, ", ")
}

// leakWords says who reported that a key has leaked and where it was found: ",
// reported by GitHub, found at https://…".
func leakWords(e workspace.ListedEvent) (words string) {
	if by := e.Details["reported_by"]; by != "" {
		words = ", reported by " + by
	}
	if url := e.Details["found_at"]; url != "" {
		words += ", found at " + url
	}
	return words
}

// droppedWords says that messages were dropped: ", 3 messages dropped".
func droppedWords(e workspace.ListedEvent) string {
	n, _ := strconv.Atoi(e.Details["messages_dropped"])
	if n == 0 {
		return ""
	}
	return ", " + plural(n, "message") + " dropped"
}

// prunedWords says what was deleted: "1,204 events, the last on 3 Mar 2026, up
// to number 1,204 with the hash ab12…".
func prunedWords(e workspace.Event) string {
	events, until := e.PrunedEvents()
	words := plural(events, "event")
	if !until.IsZero() {
		words += ", the newest of " + exactTime(until)
	}
	if number, hash, ok := e.Pruned(); ok && number > 0 {
		words += fmt.Sprintf(", up to number %s with the hash %x", thousands(int(number)), hash)
	}
	return words + ". The workspace does not keep its log for longer."
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// url returns a URL of the log with the same filter.
func (v AuditLogView) url(path, after string) string {
	q := url.Values{}
	for name, value := range map[string]string{
		"action": string(v.Query.Action), "by": v.Query.ActorID, "about": v.Query.TargetID, "from": v.From, "to": v.To,
		"after": after,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// filtered reports whether the log is filtered.
func (v AuditLogView) filtered() bool { return v.url("", "") != "" }

// requestAndSession names the request and the session of an event.
func requestAndSession(e workspace.ListedEvent) string {
	text := "Request " + e.RequestID
	if session := e.Details["session"]; session != "" {
		text += ", session " + session
	}
	return text
}
