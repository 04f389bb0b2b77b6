// SPDX-License-Identifier: Apache-2.0

package deployments_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/goccy/go-yaml"
)

// tool returns the path of a program that reads deployment files.
func tool(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path, err := filepath.Abs(filepath.Join("..", "build", "bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("deployment tools: " + name + " is not on this machine; make test fetches promtool")
	}
	return path
}

func output(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "LC_ALL=C", "SYSTEMD_PAGER=cat", "SYSTEMD_COLORS=0")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// unit writes a copy of the unit whose program is on this machine, with one line changed.
func unit(t *testing.T, name, old, with string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, filepath.Join("systemd", name))
	if !strings.Contains(text, old) {
		t.Fatalf("%s has no %q", name, old)
	}
	text = strings.ReplaceAll(strings.Replace(text, old, with, 1), "/usr/bin/sealwatch ", self+" ")
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// exposure is what systemd thinks of how little the unit may do: 0 is best, 10 worst.
func exposure(t *testing.T, path string) (level float64) {
	t.Helper()
	out, err := output(t, "", tool(t, "systemd-analyze"), "security", "--offline=true", "--threshold=100", path)
	m := regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`).FindStringSubmatch(out)
	if err != nil || m == nil {
		t.Fatalf("systemd-analyze security: %v\n%s", err, out)
	}
	if _, err := fmt.Sscan(m[1], &level); err != nil {
		t.Fatal(err)
	}
	return level
}

func TestUnitsAreRightAndMayDoLittle(t *testing.T) {
	analyze := tool(t, "systemd-analyze")
	for _, name := range []string{"sealwatch.service", "sealwatch-watch.service"} {
		if out, err := output(t, "", analyze, "verify", unit(t, name, "[Unit]", "[Unit]")); err != nil || strings.TrimSpace(out) != "" {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		if got := exposure(t, unit(t, name, "[Unit]", "[Unit]")); got > 2 {
			t.Errorf("%s: exposure %.1f, want at most 2", name, got)
		}
		// The checks bite.
		if out, _ := output(t, "", analyze, "verify", unit(t, name, "Restart=always", "Restart=sometimes")); !strings.Contains(out, "sometimes") {
			t.Errorf("%s: a wrong value was not seen\n%s", name, out)
		}
		if got := exposure(t, unit(t, name, "PrivateDevices=yes", "PrivateDevices=no")); got <= exposure(t, unit(t, name, "[Unit]", "[Unit]")) {
			t.Errorf("%s: a missing protection was not seen", name)
		}
	}
	text := read(t, filepath.Join("systemd", "sealwatch.service"))
	for _, must := range []string{"LimitCORE=0", "MemorySwapMax=0", "RuntimeDirectoryPreserve=restart", "Restart=always"} {
		if !strings.Contains(text, "\n"+must+"\n") {
			t.Errorf("sealwatch.service: %s is gone", must)
		}
	}
}

func TestCompose(t *testing.T) {
	load := func(path string) error {
		o, err := cli.NewProjectOptions([]string{path}, cli.WithWorkingDirectory("container"))
		if err != nil {
			return err
		}
		p, err := o.LoadProject(context.Background())
		if err != nil {
			return err
		}
		s, err := p.GetService("sealwatch")
		if err != nil {
			return err
		}
		switch {
		case !s.ReadOnly, s.Privileged, len(s.CapAdd) > 0, !slices.Equal(s.CapDrop, []string{"ALL"}):
			return fmt.Errorf("it may do too much")
		case !slices.Contains(s.SecurityOpt, "no-new-privileges:true"):
			return fmt.Errorf("it may gain privileges")
		case s.User == "" || strings.HasPrefix(s.User, "0"):
			return fmt.Errorf("it runs as root")
		case s.MemSwapLimit != s.MemLimit:
			return fmt.Errorf("it may swap")
		case s.HealthCheck == nil || s.HealthCheck.Disable:
			return fmt.Errorf("nobody looks whether it is well")
		}
		for _, v := range s.Volumes {
			if v.Type == "bind" && !v.ReadOnly {
				return fmt.Errorf("it may write to %s", v.Target)
			}
		}
		return nil
	}
	path := filepath.Join("container", "compose.yaml")
	if err := load(path); err != nil {
		t.Error(err)
	}
	text := read(t, path)
	for _, change := range [][2]string{
		{"read_only: true\n", "read_only: false\n"}, {"restart: always", "restrat: always"}, {`user: "65532:65532"`, `user: "0:0"`},
		{"memswap_limit: 1g", "memswap_limit: 2g"}, {"target: /var/log/squid, read_only: true", "target: /var/log/squid"},
	} {
		bad := filepath.Join(t.TempDir(), "compose.yaml")
		if err := os.WriteFile(bad, []byte(strings.Replace(text, change[0], change[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if load(bad) == nil {
			t.Errorf("%q was not seen", change[1])
		}
	}
}

func TestContainerfile(t *testing.T) {
	text := read(t, filepath.Join("container", "Containerfile"))
	last := text[strings.LastIndex(text, "\nFROM "):]
	for _, must := range []string{"FROM scratch\n", "\nUSER 65532:65532\n", `ENTRYPOINT ["/usr/bin/sealwatch"]`, "ca-certificates.crt"} {
		if !strings.Contains(last, must) {
			t.Errorf("the image's last stage has no %q", must)
		}
	}
	mod := read(t, filepath.Join("..", "go.mod"))
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(mod)
	if version == nil || !strings.Contains(text, "golang:"+version[1]+"-") {
		t.Errorf("the image is built with another Go than go.mod names")
	}
}

// TestRules runs promtool over the rules and their tests, and shows that both bite.
func TestRules(t *testing.T) {
	promtool := tool(t, "promtool")
	for _, args := range [][]string{{"check", "rules", "sealwatch.rules.yml"}, {"test", "rules", "sealwatch.rules.test.yml"}} {
		if out, err := output(t, "prometheus", promtool, args...); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	tests := read(t, filepath.Join("prometheus", "sealwatch.rules.test.yml"))
	rules := read(t, filepath.Join("prometheus", "sealwatch.rules.yml"))
	names := regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(rules, -1)
	if len(names) < 10 {
		t.Errorf("only %d rules", len(names))
	}
	for _, n := range names {
		if !strings.Contains(tests, n[1]) && !strings.Contains(tests, strings.TrimPrefix(n[1], "Sealwatch")) {
			t.Errorf("%s has no test", n[1])
		}
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"sealwatch.rules.yml": strings.Replace(rules, "sealwatch_store_waiting == 1", "sealwatch_store_waiting == 2", 1), "sealwatch.rules.test.yml": tests,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := output(t, dir, promtool, "test", "rules", "sealwatch.rules.test.yml"); err == nil {
		t.Errorf("a rule that never fires passed\n%s", out)
	}
}

type dashboard struct {
	Panels []struct {
		Title, Description string
		GridPos            struct{ X, Y, W, H int }
		Targets            []struct{ Expr string }
	}
}

// TestDashboard lets promtool parse every expression of the dashboard.
func TestDashboard(t *testing.T) {
	promtool := tool(t, "promtool")
	var d dashboard
	if err := json.Unmarshal([]byte(read(t, filepath.Join("grafana", "sealwatch.json"))), &d); err != nil {
		t.Fatal(err)
	}
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	var rules []rule
	taken := map[[2]int]string{}
	for _, p := range d.Panels {
		if p.Title == "" || p.Description == "" || len(p.Targets) == 0 {
			t.Errorf("panel %q: no title, no words or nothing to show", p.Title)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other, ok := taken[[2]int{x, y}]; ok || x >= 24 {
					t.Fatalf("panel %q lies over %q or beyond the edge", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		for _, target := range p.Targets {
			expr := strings.NewReplacer("$__rate_interval", "5m", "$instance", ".*").Replace(target.Expr)
			rules = append(rules, rule{fmt.Sprintf("panel:%d", len(rules)), expr})
		}
	}
	if len(rules) < 12 {
		t.Fatalf("only %d expressions", len(rules))
	}
	check := func(rules []rule) (string, error) {
		data, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "dashboard.yml")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return output(t, "", promtool, "check", "rules", path)
	}
	if out, err := check(rules); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
	if _, err := check(append(rules, rule{"bad", "sum by ("})); err == nil {
		t.Error("an expression that does not parse passed")
	}
}
