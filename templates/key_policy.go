package templates

import (
	"strconv"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

// KeyPolicyForm is the form of the key policy, as it was typed.
type KeyPolicyForm struct {
	MaxDays, DefaultDays, MaxKeys string
	NeedName                      string // "true" or empty
	FullAccess                    string
	Networks                      string
}

var keyPolicyFields = []string{"max_days", "default_days", "full_access", "within", "max_keys"}

// KeyPolicyAsTyped returns the form of a policy.
func KeyPolicyAsTyped(p workspace.KeyPolicy) KeyPolicyForm {
	f := KeyPolicyForm{
		MaxDays: number(p.MaxDays), DefaultDays: number(p.DefaultDays), MaxKeys: number(p.MaxKeys),
		FullAccess: string(p.FullAccess),
	}
	if p.NeedName {
		f.NeedName = "true"
	}
	var within []string
	for _, network := range p.Networks {
		within = append(within, network.String())
	}
	f.Networks = strings.Join(within, "\n")
	return f
}

// number returns a limit, or "" for none.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// FirstExpiry returns the expiry that the form of a new key starts with.
func FirstExpiry(p workspace.KeyPolicy) string { return expiryChoices(p)[0].Value }

// expiryChoices are the values of "expires" that a policy allows, beginning
// with the default.
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
