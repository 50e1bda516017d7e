//go:build tools

// Package tools pins the release of Serf whose agent and command the interoperability tests run.
package tools

import _ "github.com/hashicorp/serf/cmd/serf"
