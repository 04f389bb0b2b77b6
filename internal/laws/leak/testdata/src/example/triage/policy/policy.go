package policy

import (
	"fmt"
	"time"
)

// A policy is leadership's document, not content: its faults are quoted.
func step(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("ladder: %w", err)
	}
	return d, nil
}
