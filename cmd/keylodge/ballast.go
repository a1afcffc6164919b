package main

import (
	"os"
)

const ballastLength = 64 << 20

// newBallast returns what is never touched, so that it takes no memory, but
// what the collector counts: as much garbage as it is long may gather before it
// is collected, however little else there is in memory. Checks make little
// garbage, but beside a small heap the collector would run dozens of times a
// second under load, and take a tenth of the time. (A percentage would be of
// the memory of password hashes, too, and let hundreds of megabytes gather.)
// There is none when GOGC is set.
func newBallast() []byte {
	if os.Getenv("GOGC") != "" {
		return nil
	}
	return make([]byte, ballastLength)
}
