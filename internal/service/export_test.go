// SPDX-License-Identifier: Apache-2.0

package service

// Guard is guard, for tests of what it hides.
var Guard = guard
