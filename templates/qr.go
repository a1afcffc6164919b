package templates

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// qrPath returns a QR code of a text as the path of an SVG, in a square of size
// units. It returns "" if the text is too long.
func qrPath(text string) (path string, size int) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", 0
	}
	const quiet = 4 // units of margin, as readers require
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return b.String(), code.Size + 2*quiet
}
