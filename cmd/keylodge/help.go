package main

import (
	"github.com/alecthomas/kong"

	"github.com/keylodge/keylodge/internal/leaks"
)

// vars are the variables of the struct tags: values, and the help that is too
// long for a tag.
var vars = kong.Vars{
	"leak_keys_url": leaks.KeysURL,

	"help_copy_to": "The PostgreSQL database to copy to, as postgres://user:password@host/database. It must be " +
		"empty, or an earlier copy.",
	"help_db": "SQLite file, or a postgres:// URL. Default: ./keylodge.db",
	"help_key_expires": "never, a number of days such as 90d, or a time in UTC such as 2027-01-31T18:00. " +
		"Default: never",
	"help_key_scope":       "Restrict it to a scope; may be repeated or a list with commas. Default: full access",
	"help_key_allow_from":  "Accept it from these IP addresses and networks only. Default: from anywhere",
	"help_key_rate_limit":  "Accept so many requests in a time, on each node. Default: no limit",
	"help_key_prefix":      "How new secrets begin. Secrets with another prefix stay valid. Default: kl",
	"help_link_base_url":   "The base URL of the server. Default: http://localhost:8080",
	"help_addr":            "Where to listen. Default: 127.0.0.1:8080",
	"help_base_url":        "The URL that people open. Default: http://localhost and the port",
	"help_trusted_proxies": "Networks whose X-Forwarded-For is believed. Default: none",
	"help_ask_limit":       "How long a verification waits for the database. Default: 500ms",
	"help_on_lost_history": "When the database lost changes: refuse all keys until a restart, or reload. " +
		"Default: refuse",
	"help_failure_limit": "How many invalid keys an IP may present. Default: 300/1m",
	"help_session_idle":  "End a session after this long without a request. Default: 30m",
	"help_smtp_url":      "smtp://user:password@host:587?from=EMAIL, or smtps://. Default: no email",
	"help_leak_keys_url": "The public keys of GitHub's leak reports. Default: GitHub's",
	"help_local_issuers": "Accept identity providers on this machine, also without TLS, and on private networks. " +
		"Default: no",
	"help_log_level":         "debug, info, warn or error. Default: info",
	"help_user_deactivate":   "Deactivate a member. They can't sign in, and their keys are refused.",
	"help_workspace_disable": "Refuse all keys of a workspace until it is enabled. Members can still sign in.",
	"help_workspace_lift":    "Allow every sign-in method, when the required one locks everyone out.",
}
