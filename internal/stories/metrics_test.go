// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestRulesAndDashboardNameMetricsThatExist asks a running service for its metrics, and
// looks whether each name in the deployment files is among them.
func TestRulesAndDashboardNameMetricsThatExist(t *testing.T) {
	s := newSchool(t)
	s.serve()
	resp, err := http.Get(s.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	has := func(name string) bool {
		return strings.Contains(string(text), "\n"+name+" ") || strings.Contains(string(text), "\n"+name+"{")
	}
	metric := regexp.MustCompile(`\b(?:sealwatch|process|go)_[a-z_]+\b`)
	names := map[string]bool{}
	for _, file := range []string{"prometheus/sealwatch.rules.yml", "grafana/sealwatch.json"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "deployments", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range metric.FindAllString(string(data), -1) {
			if names[name] = true; !has(name) {
				t.Errorf("%s names %s, which the service does not have", file, name)
			}
		}
	}
	if len(names) < 12 {
		t.Errorf("only %d names were found", len(names))
	}
	if has("sealwatch_incidents") || !has("sealwatch_build_info") {
		t.Error("the search for names does not bite")
	}
	// What is alive is seen without anybody having asked /healthz.
	if !strings.Contains(string(text), "\nsealwatch_monitoring 1\n") {
		t.Error("the gauges of the service are not current")
	}
	// Names that a count of incidents could have.
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(strings.TrimLeft(line, "#HELPTY "), "sealwatch_") {
			continue
		}
		for _, never := range []string{"incident", "critical", "severity", "level", "category", "subject", "dsl", "recipient"} {
			if strings.Contains(line, never) {
				t.Errorf("metrics say %q: %s", never, line)
			}
		}
	}
}
