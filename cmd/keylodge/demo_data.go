package main

import (
	"fmt"
	"hash/crc32"
	"net/netip"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

var demoPeople = []struct {
	name, email string
	role        workspace.Role
}{
	{"Dana Okafor", "dana@acme.example", workspace.RoleOwner},
	{"Mei Tanaka", "mei@acme.example", workspace.RoleAdmin},
	{"Sam Whitfield", "sam@acme.example", workspace.RoleDeveloper},
	{"Léa Fontaine", "lea@acme.example", workspace.RoleDeveloper},
}

var demoNames = []string{
	"CI deploy", "Nightly export", "Zapier", "Laptop script", "", "Grafana", "Terraform", "Backup job", "Support bot",
	"データ同期", "Staging API", "Load test", "Billing sync", "Slack alerts", "Mobile build", "Метрики", "Docs preview",
	"Import tool",
}

const demoKeys = 60

// demoLimits are the restrictions of some keys.
var demoLimits = []workspace.NewKey{
	{Scopes: []string{"invoices:read"}},
	{Scopes: []string{"deploys:read", "deploys:write"}, Networks: []string{"203.0.113.0/24", "2001:db8::/32"}},
	{Rate: "100/1m"},
	{Scopes: []string{"exports:read", "exports:write", "invoices:read", "reports:read"}, Rate: "600/1h"},
}

var demoAgents = []string{"curl", "python-requests", "Go-http-client", ""}

// demoDisabled is the index of the disabled key.
const demoDisabled = 26

// demoIdle divides the life of a key: it was not used in the last part.
var demoIdle = []time.Duration{2, 3, 5, 9, 40, 400, 4000}

// demoScopes is the catalog of the sample workspace.
var demoScopes = []workspace.NamedScope{
	{Name: "deploys:read", Description: "See deployments", Group: "Deployments"},
	{Name: "deploys:write", Description: "Start and undo deployments", Group: "Deployments"},
	{Name: "exports:read", Description: "Download exports", Group: "Data"},
	{Name: "exports:write", Description: "Start exports", Group: "Data"},
	{Name: "invoices:read", Description: "See invoices", Group: "Billing"},
	{Name: "reports:read", Description: "See reports", Group: "Data"},
}

// scatter returns a number below n for the ith key that looks random and is the
// same each time.
func scatter(i, kind, n int) int {
	sum := crc32.ChecksumIEEE(fmt.Appendf(nil, "%d of %d", kind, i))
	return int(sum>>8) % n
}

// demoAge returns how old a key is: most are young, the oldest more than a
// year.
func demoAge(i int) time.Duration {
	part := float64(scatter(i, 0, 1000)) / 1000
	return 3*time.Minute + time.Duration(part*part*400*24*float64(time.Hour))
}

// demoExpiry lets a few keys expire in the coming days, and a few in the past.
func demoExpiry(i int, age time.Duration) string {
	days := int(age.Hours() / 24)
	switch i % 10 {
	case 1:
		return fmt.Sprintf("%dd", days+1+i%30)
	case 4:
		return fmt.Sprintf("%dd", max(1, days*2/3))
	}
	return "never"
}

func demoIP(i int) netip.Addr {
	if i%6 == 0 {
		return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 15: byte(i + 1)})
	}
	return netip.AddrFrom4([4]byte{203, 0, 113, byte(i + 1)})
}

// demoTemplates are the scope templates of the sample workspace.
var demoTemplates = []workspace.ScopeTemplate{
	{Name: "CI", Scopes: []string{"deploys:read", "deploys:write"}},
	{Name: "read-only", Scopes: []string{"deploys:read", "exports:read", "invoices:read", "reports:read"}},
}
