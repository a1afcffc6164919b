package main

import (
	"net/netip"
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
	AskLimit        time.Duration `default:"500ms" help:"${help_ask_limit}"`
	MaxStaleness    time.Duration `default:"0s" help:"How old what a verification knows may be. Default: 0s"`
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

// checkFlags returns an errUsage for the first flag with a wrong value.
func (c serverFlags) checkFlags() error {
	switch {
	case c.SessionIdle <= 0 || c.SessionLife <= 0:
		return errUsage{"--session-idle and --session-life must be positive, such as 30m"}
	case c.SessionIdle > c.SessionLife:
		return errUsage{"--session-idle can't be longer than --session-life"}
	case c.MaxStaleness < 0:
		return errUsage{"--max-staleness can't be less than 0s"}
	case c.AskLimit <= 0:
		return errUsage{"--ask-limit must be positive, such as 500ms"}
	}
	if c.SMTPURL != "" {
		if _, err := mail.Open(c.SMTPURL, nil); err != nil {
			return errUsage{"--smtp-url: " + err.Error()}
		}
	}
	if _, message := c.trustedProxies(); message != "" {
		return errUsage{"--trusted-proxies: " + message}
	}
	if _, message := ratelimit.Parse(c.FailureLimit); message != "" && c.FailureLimit != "off" {
		return errUsage{"--failure-limit: " + message}
	}
	if !workspace.IsHTTPS(c.LeakKeysURL, true) {
		return errUsage{"--leak-keys-url must be a URL that begins with https://"}
	}
	return c.check()
}

// trustedProxies parses the flag. The message says what is wrong with it, if
// anything.
func (c serverFlags) trustedProxies() (all []netip.Prefix, message string) {
	for _, text := range c.TrustedProxies {
		network, message := workspace.ParseNetworks([]string{text})
		if message != "" {
			return nil, message
		}
		all = append(all, network...)
	}
	return all, ""
}

// failureLimit returns the flag's rate; zero, no limit, for "off".
func (c serverFlags) failureLimit() ratelimit.Rate {
	rate, _ := ratelimit.Parse(c.FailureLimit)
	return rate
}
