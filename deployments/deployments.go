// SPDX-License-Identifier: Apache-2.0

// Package deployments holds what a technician installs Sealwatch with: a systemd unit, a
// container file with compose, rules for Prometheus and a dashboard for Grafana. Its
// tests ask the programs that will read each of these files.
package deployments
