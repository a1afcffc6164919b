package templates

import (
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

var decisionNames = map[workspace.Decision]string{
	workspace.DecisionValid:             "Let through",
	workspace.DecisionRevoked:           "Revoked",
	workspace.DecisionExpired:           "Expired",
	workspace.DecisionOwnerInactive:     "Owner inactive",
	workspace.DecisionDisabled:          "Disabled",
	workspace.DecisionIPNotAllowed:      "Address not allowed",
	workspace.DecisionInsufficientScope: "Scope missing",
	workspace.DecisionRateLimited:       "Over its rate",
}

const (
	chartWidth  = 720
	chartHeight = 64
)

// span is one chart: counts in slots of the same length, oldest first.
type span struct {
	Name             string
	Allowed, Refused int // all together
	slots            [][2]int64
}

// chartPeriods are the periods that charts show.
var chartPeriods = []struct {
	name  string
	slots int
	each  time.Duration
}{
	{"24 hours", 24, time.Hour},
	{"7 days", 28, 6 * time.Hour},
	{"90 days", 90, day},
}

// spansOf returns a chart for each of chartPeriods.
func spansOf(hours []workspace.HourCount, now time.Time) (all []span) {
	for _, period := range chartPeriods {
		s := span{Name: period.name, slots: make([][2]int64, period.slots)}
		s.count(hours, now, period.each)
		all = append(all, s)
	}
	return all
}

// count adds the verifications of hours to slots of one length, the last of
// which ends with the present hour.
func (s *span) count(hours []workspace.HourCount, now time.Time, each time.Duration) {
	end := now.Truncate(time.Hour).Add(time.Hour)
	for _, u := range hours {
		i := len(s.slots) - 1 - int((end.Sub(u.Hour)-1)/each)
		if i < 0 || i >= len(s.slots) {
			continue
		}
		refused := 0
		if u.Decision != workspace.DecisionValid {
			refused = 1
			s.Refused += int(u.Checks)
		} else {
			s.Allowed += int(u.Checks)
		}
		s.slots[i][refused] += u.Checks
	}
}

type rect struct{ Class, X, Y, Width, Height string }

// bars stack refused verifications on top of accepted ones.
func (s span) bars() (all []rect) {
	var most int64 = 1
	for _, n := range s.slots {
		most = max(most, n[0]+n[1])
	}
	width := float64(chartWidth) / float64(len(s.slots))
	for i, n := range s.slots {
		below := 0.0
		for refused, class := range []string{"yes", "no"} {
			if n[refused] == 0 {
				continue
			}
			height := max(2, float64(chartHeight)*float64(n[refused])/float64(most))
			below += height
			all = append(all, rect{
				class, fmt.Sprintf("%.1f", float64(i)*width+1), fmt.Sprintf("%.1f", chartHeight-below),
				fmt.Sprintf("%.1f", width-2), fmt.Sprintf("%.1f", height),
			})
		}
	}
	return all
}

type dayCount struct {
	Day      time.Time
	Decision workspace.Decision
	Checks   int
}

// daysOf returns the counts by day and decision, newest first.
func daysOf(hours []workspace.HourCount) (all []dayCount) {
	for i := len(hours) - 1; i >= 0; i-- {
		u := hours[i]
		d := dayCount{u.Hour.Truncate(day), u.Decision, int(u.Checks)}
		found := false
		for j := range all {
			if all[j].Day.Equal(d.Day) && all[j].Decision == d.Decision {
				all[j].Checks += d.Checks
				found = true
			}
		}
		if !found {
			all = append(all, d)
		}
	}
	return all
}

// refusedSince returns how often the key was refused since it was revoked, as
// far as its sources show.
func (v KeyView) refusedSince() (n int) {
	for _, s := range v.Activity.Tries(v.Key.RevokedAt) {
		n += int(s.Checks)
	}
	return n
}

func checks(n int) string { return plural(n, "request") }

func ipOf(use workspace.Use) string {
	if !use.IP.IsValid() {
		return "Not known"
	}
	return use.IP.String()
}

func programOf(use workspace.Use) string {
	if use.Agent == "" {
		return "Not said"
	}
	return use.Agent
}
