package workspace

import "time"

// CodeForTest returns what an authenticator shows at a moment.
func CodeForTest(secret string, at time.Time) string {
	bytes, err := totpEncoding.DecodeString(secret)
	if err != nil {
		panic(err)
	}
	return totpCode(bytes, at.Unix()/30)
}
