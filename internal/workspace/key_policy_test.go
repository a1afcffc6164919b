package workspace

import "testing"

func TestParseKeyPolicy(t *testing.T) {
	for name, tt := range map[string]struct {
		form  KeyPolicyForm
		field string // the one that is wrong; empty: none
	}{
		"nothing":               {},
		"everything":            {KeyPolicyForm{"90", "30", "5", "managers", true, []string{"10.0.0.0/8"}}, ""},
		"no number":             {KeyPolicyForm{MaxDays: "x"}, "max_days"},
		"zero":                  {KeyPolicyForm{MaxKeys: "0"}, "max_keys"},
		"too many":              {KeyPolicyForm{MaxKeys: "100001"}, "max_keys"},
		"a default beyond":      {KeyPolicyForm{MaxDays: "30", DefaultDays: "31"}, "default_days"},
		"nobody knows":          {KeyPolicyForm{FullAccess: "x"}, "full_access"},
		"a network that is not": {KeyPolicyForm{Networks: []string{"10.0.0.1/8"}}, "within"},
	} {
		p, err := tt.form.Parse()
		if tt.field == "" {
			if err != nil || p.NeedName != tt.form.NeedName || string(p.FullAccess) != tt.form.FullAccess {
				t.Errorf("%s: %+v, %v", name, p, err)
			}
			continue
		}
		e, ok := err.(*Error)
		if !ok || e.Kind != Invalid || e.Fields[tt.field] == "" || len(e.Fields) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
