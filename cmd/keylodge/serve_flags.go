package main

import (
	"net/netip"
	"net/url"
	"time"

	"github.com/keylodge/keylodge/internal/mail"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
)

// serverFlags are the flags of serve and demo.
type serverFlags struct {
	keyPrefix
	Addr            string        `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"${help_addr}"`
	BaseURL         string        `name:"base-url" placeholder:"URL" help:"${help_base_url}"`
	TrustedProxies  []string      `placeholder:"CIDR" help:"${help_trusted_proxies}"`
	VerifyTimeout   time.Duration `name:"ask-limit" default:"500ms" help:"${help_ask_limit}"`
	MaxStaleness    time.Duration `default:"0s" help:"How out of date a verification may be. Default: 0s"`
	OnLostHistory   string        `default:"refuse" enum:"refuse,reload" help:"${help_on_lost_history}"`
	FailureLimit    string        `default:"300/1m" placeholder:"N/TIME|off" help:"${help_failure_limit}"`
	SessionIdle     time.Duration `default:"30m" help:"${help_session_idle}"`
	SessionLife     time.Duration `default:"8h" help:"End a session after this long. Default: 8h"`
	SMTPURL         string        `name:"smtp-url" placeholder:"URL" help:"${help_smtp_url}"`
	LeakKeysURL     string        `name:"leak-keys-url" default:"${leak_keys_url}" help:"${help_leak_keys_url}"`
	PrivateWebhooks bool          `help:"Send webhooks to this machine and private networks too. Default: no"`
	LocalIssuers    bool          `help:"${help_local_issuers}"`
	LogFormat       string        `enum:"text,json" default:"text" help:"text or json. Default: text"`
	LogLevel        string        `default:"info" enum:"debug,info,warn,error" help:"${help_log_level}"`
}

// settings are the flags that have to be parsed.
type settings struct {
	base           *url.URL // nil: http://localhost and the port
	trustedProxies []netip.Prefix
	failureLimit   ratelimit.Rate // zero: no limit
	mail           *mail.Server   // nil: no email
}

// parse returns the settings, or an errUsage for the first flag that has a
// wrong value.
func (c serverFlags) parse() (s settings, err error) {
	if err := c.checkRanges(); err != nil {
		return s, err
	}
	if c.BaseURL != "" {
		if s.base, err = parseBaseURL(c.BaseURL); err != nil {
			return s, err
		}
	}
	if c.SMTPURL != "" {
		if s.mail, err = mail.Open(c.SMTPURL, s.base); err != nil {
			return s, errUsage{"--smtp-url: " + err.Error()}
		}
	}
	if s.trustedProxies, err = parseProxies(c.TrustedProxies); err != nil {
		return s, err
	}
	if c.FailureLimit != "off" {
		var message string
		if s.failureLimit, message = ratelimit.Parse(c.FailureLimit); message != "" {
			return s, errUsage{"--failure-limit: " + message}
		}
	}
	return s, c.refuseClear(s.base)
}

// checkRanges returns an errUsage for the first flag that needs no parsing and
// has a wrong value.
func (c serverFlags) checkRanges() error {
	switch {
	case c.SessionIdle <= 0 || c.SessionLife <= 0:
		return errUsage{"--session-idle and --session-life must be positive, such as 30m"}
	case c.SessionIdle > c.SessionLife:
		return errUsage{"--session-idle can't be longer than --session-life"}
	case c.MaxStaleness < 0:
		return errUsage{"--max-staleness can't be less than 0s"}
	case c.VerifyTimeout <= 0:
		return errUsage{"--ask-limit must be positive, such as 500ms"}
	case !workspace.IsHTTPS(c.LeakKeysURL, true):
		return errUsage{"--leak-keys-url must be a URL that begins with https://"}
	}
	return c.checkPrefix()
}

// parseProxies parses --trusted-proxies, one by one: ParseNetworks takes only
// as many as one key may have.
func parseProxies(texts []string) (all []netip.Prefix, err error) {
	for _, text := range texts {
		network, message := workspace.ParseNetworks([]string{text})
		if message != "" {
			return nil, errUsage{"--trusted-proxies: " + message}
		}
		all = append(all, network...)
	}
	return all, nil
}
