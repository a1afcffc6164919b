//go:build unix

package postgrestest

import (
	"errors"
	"os/user"
	"strconv"
)

// unprivilegedUser returns the system user of PostgreSQL, or else nobody.
func unprivilegedUser() (uid, gid uint32, err error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		return uint32(uid), uint32(gid), errors.Join(uidErr, gidErr)
	}
	return 0, 0, errors.New(
		"postgrestest: neither of the users postgres and nobody exists, and PostgreSQL refuses root")
}
