//go:build unix && !linux

package postgrestest

import (
	"os"
	"syscall"
)

// ownedByUnprivileged gives the folder to the user that the server will run as,
// since PostgreSQL refuses root, and returns what makes a process run so.
func ownedByUnprivileged(folder string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	uid, gid, err := unprivilegedUser()
	if err != nil {
		return nil, err
	}
	attr := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
	return attr, os.Chown(folder, int(uid), int(gid))
}
