package main

import "os"

const ballastLength = 64 << 20

// newBallast returns 64 MiB that nothing touches: no memory is spent, but the
// garbage collector counts it, and so runs only after another 64 MiB of
// garbage. Verifications make little garbage, but with a small heap the
// collector would run dozens of times a second under load, and take a tenth of
// the time. (A higher GOGC would apply to the memory of password hashes too,
// and let hundreds of megabytes of garbage pile up.) It returns nil when GOGC
// is set.
func newBallast() []byte {
	if os.Getenv("GOGC") != "" {
		return nil
	}
	return make([]byte, ballastLength)
}
