// SPDX-License-Identifier: Apache-2.0

package service

import "net"

// Guard is guard, for tests of what it hides.
var Guard = guard

// OpenCertificate is openCertificate, for tests of renewals.
var OpenCertificate = openCertificate

// Secure is secure, for tests that listen.
func (c *certificate) Secure(l net.Listener) (net.Listener, string) { return c.secure(l) }

// RenewLists is one turn of renewLists, for tests that do not wait a minute.
func (s *Service) RenewLists() { s.renewListsOnce() }

// ListsHost is what the lists in force say of a host.
func (s *Service) ListsHost(host string) int { return len(s.lists.Index().Host([]byte(host))) }

// HealthLists is what health says of the lists.
func (s *Service) HealthLists() []string { return s.watch.health().Lists }
