package main

import (
	"bufio"
	"errors"
	"strings"
)

// passwordFlag is the flag for reading a password. A password is never an
// argument: every user of the machine can read those.
type passwordFlag struct {
	PasswordStdin bool `name:"password-stdin" help:"Read the password from the first line of standard input."`
}

func (p passwordFlag) read(std streams) (string, error) {
	if !p.PasswordStdin {
		return "", nil
	}
	line, err := bufio.NewReader(std.in).ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.Join(errors.New("no password on standard input"), err)
	}
	return line, nil
}
