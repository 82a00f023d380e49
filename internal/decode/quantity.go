// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"math"
	"math/big"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// units are the suffixes of quantities, as factors.
var units = map[string]string{
	"n": "1e-9", "u": "1e-6", "m": "1e-3", "": "1", "k": "1e3", "M": "1e6", "G": "1e9", "T": "1e12", "P": "1e15",
	"E": "1e18", "Ki": "0x1p10", "Mi": "0x1p20", "Gi": "0x1p30", "Ti": "0x1p40", "Pi": "0x1p50", "Ei": "0x1p60",
}

// written returns the number that the text of a quantity says; nil for a text that resource.ParseQuantity rejects.
func written(text string) *big.Rat {
	end := len(text) - len(strings.TrimLeft(text, "+-.0123456789"))
	number, suffix := text[:end], text[end:]
	factor, known := units[suffix]
	if !known { // an exponent
		factor = "1e" + strings.TrimLeft(suffix, "eE")
	}
	value, ok := new(big.Rat).SetString(number)
	by, okay := new(big.Rat).SetString(factor)
	if !ok || !okay {
		return nil
	}
	return value.Mul(value, by)
}

// inexact returns what is wrong with a quantity that Kubernetes accepts but changes; empty if nothing is.
// resource.ParseQuantity lowers a number with a binary suffix to 9223372036854775807 and rounds all up to 1n, and
// Quantity.Value, which is what programs use, returns that number for every larger one.
func inexact(text string, parsed resource.Quantity) string {
	value := written(text)
	if value == nil {
		return ""
	}
	if new(big.Rat).Abs(value).Cmp(new(big.Rat).SetInt64(math.MaxInt64)) > 0 {
		return "is more than Kubernetes can count, which would use 9223372036854775807 (less than 8Ei) instead; write a " +
			"smaller quantity, such as 512Mi or 4Gi"
	}
	stored, ok := new(big.Rat).SetString(parsed.AsDec().String())
	if ok && stored.Cmp(value) != 0 {
		return "has more than 9 digits after the decimal point, and Kubernetes would round it up; write fewer, such as " +
			"500m or 1.5"
	}
	return ""
}
