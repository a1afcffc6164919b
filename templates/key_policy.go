package templates

import (
	"strconv"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

// KeyPolicyForm is what new keys may be, as it was typed.
type KeyPolicyForm struct {
	MaxDays, DefaultDays, MaxKeys string
	NeedName                      string // "true" or empty
	FullAccess                    string
	Within                        string
}

var keyPolicyFields = []string{"max_days", "default_days", "full_access", "within", "max_keys"}

// KeyPolicyAsTyped is the form of a policy that there is.
func KeyPolicyAsTyped(p workspace.KeyPolicy) KeyPolicyForm {
	f := KeyPolicyForm{
		MaxDays: number(p.MaxDays), DefaultDays: number(p.DefaultDays), MaxKeys: number(p.MaxKeys),
		FullAccess: string(p.FullAccess),
	}
	if p.NeedName {
		f.NeedName = "true"
	}
	var within []string
	for _, network := range p.Within {
		within = append(within, network.String())
	}
	f.Within = strings.Join(within, "\n")
	return f
}

// number writes a limit, and none as nothing.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// FirstExpiry is what the form of a new key offers first under a policy.
func FirstExpiry(p workspace.KeyPolicy) string { return expiryChoices(p)[0].Value }

// expiryChoices are the values of "expires" that a policy lets be, and what
// they are called, the one to offer first before the others.
func expiryChoices(p workspace.KeyPolicy) (choices []option) {
	offer := func(days int) {
		if days > 0 && (p.MaxDays == 0 || days <= p.MaxDays) {
			choice := option{strconv.Itoa(days) + "d", plural(days, "day")}
			for _, c := range choices {
				if c == choice {
					return
				}
			}
			choices = append(choices, choice)
		}
	}
	offer(p.DefaultDays)
	if p.MaxDays == 0 {
		choices = append(choices, option{"never", "Never"})
	}
	for _, days := range []int{30, 90, p.MaxDays} {
		offer(days)
	}
	return append(choices, option{"date", "Date…"})
}
