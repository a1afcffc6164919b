package postgrestest

import (
	"os"
	"syscall"
)

// ownedByUnprivileged gives the folder to the user that the server will run as,
// since PostgreSQL refuses root, and returns what makes a process run so. The
// kernel stops the process when this one ends, however it ends.
func ownedByUnprivileged(folder string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Geteuid() != 0 {
		return attr, nil
	}
	uid, gid, err := unprivilegedUser()
	if err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
	return attr, os.Chown(folder, int(uid), int(gid))
}
