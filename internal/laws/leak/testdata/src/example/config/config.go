package config

import (
	"fmt"
	"strconv"
)

// What is parsed here is configuration: the operator wrote it.
func port(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("port: %w", err)
	}
	return n, nil
}
