package main_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// browser finds a headless Chromium, or skips the test and says so.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium is installed: the page is not looked at by a browser")
	return ""
}

func chromium(t *testing.T, args ...string) string {
	t.Helper()
	path := browser(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	flags := []string{
		"--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=5000",
		"--user-data-dir=" + t.TempDir(), "--enable-logging=stderr", "--v=0",
	}
	cmd := exec.CommandContext(ctx, path, append(flags, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", path, err, stderr.String())
	}
	// Errors of the page, its content security policy included.
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("the page complains: %s", line)
		}
	}
	return string(out)
}

func page(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "day.html")
	if _, stderr, code := run(t, "report", "-utc", "-dir", fixtureDir, "-o", path); code != 0 {
		t.Fatalf("risklog report = %d, %s", code, stderr)
	}
	return path
}

// TestReportInBrowser opens the page, has its script search and filter, opens a
// trace by its link, and looks at what came of it.
func TestReportInBrowser(t *testing.T) {
	path := page(t)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`id="(trace-[0-9a-f]{32})"`).FindSubmatch(b)[1]
	// A second script, as a user's hands.
	hands := `<script>addEventListener("load", () => setTimeout(() => {
		document.querySelector("#q").value = "reconciliation 1001";
		document.querySelector("#level").value = "3";
		document.querySelector("#q").dispatchEvent(new Event("input"));
		setTimeout(() => {
			const out = {shown: [...document.querySelectorAll("#records .records > div")].filter(r => !r.hidden).length,
				found: document.querySelector("#found").textContent,
				open: document.querySelector("details.trace[open]").id,
				wide: document.documentElement.scrollWidth > innerWidth, width: innerWidth};
			document.title = "RESULT " + JSON.stringify(out);
		}, 500);
	}, 100));</script></body>`
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), "</body>", hands, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, size := range []string{"1280,900", "500,900"} {
		t.Run(size, func(t *testing.T) {
			dom := chromium(t, "--window-size="+size, "--dump-dom", "file://"+path+"#"+string(id))
			_, got, _ := strings.Cut(dom, "<title>RESULT ")
			got, _, _ = strings.Cut(got, "</title>")
			for _, want := range []string{`"shown":1`, `"found":"1 trace, 1 record"`, `"open":"` + string(id) + `"`, `"wide":false`} {
				if !strings.Contains(got, want) {
					t.Errorf("the page shows %s, want %s", got, want)
				}
			}
		})
	}
}

// TestReportHostile: what the records say stays text.
func TestReportHostile(t *testing.T) {
	dir := t.TempDir()
	const evil = `\"'</script></style></title><img src=x onerror=document.title=1><script>document.title=2</script>` + "\u2028{{.}}"
	line := `{"timestamp":"2026-03-01T12:00:00.000000Z","level":"ERROR","logger":"risk_manager.enforcement","message":"@","context":{"correlation_id":"@","account_id":"@","rule_id":"@"},` +
		`"@":"@","action":"@","outcome":"@","operation":"@","duration_ms":1,"status":"error","error":{"type":"@","message":"@"},"trace_id":"@","span_id":"@"}` + "\n"
	line = strings.ReplaceAll(line, "@", evil)
	line += strings.ReplaceAll(strings.Replace(line, `"operation":`, `"op":`, 1), `"ERROR"`, `"WARNING"`) // Not an end: a breach.
	if err := os.WriteFile(filepath.Join(dir, "daemon.log"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "day.html")
	if _, stderr, code := run(t, "report", "-dir", dir, "-o", path, "-title", "T"+evil); code != 0 || stderr != "risklog: wrote "+path+"\n" {
		t.Fatalf("risklog report = %d, %s", code, stderr)
	}
	dom := chromium(t, "--dump-dom", "file://"+path)
	if title, _, _ := strings.Cut(dom[strings.Index(dom, "<title>")+7:], "<"); !strings.HasPrefix(title, "T\\") {
		t.Errorf("the records have set the title: %s", title)
	}
	if strings.Contains(dom, "<img") || strings.Count(dom, "<script") != 1 {
		t.Error("the records have made elements")
	}
}

// TestReportScreenshots makes the pictures that a person looks at: in the light,
// in the dark, on a phone and on paper. RISKLOG_SCREENSHOTS keeps them.
func TestReportScreenshots(t *testing.T) {
	path := page(t)
	dir := os.Getenv("RISKLOG_SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	for name, args := range map[string][]string{
		"light.png": {"--window-size=1280,2400"},
		"dark.png":  {"--window-size=1280,2400", "--blink-settings=preferredColorScheme=0"},
		"phone.png": {"--window-size=500,3200"},
		"print.pdf": nil,
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(dir, name)
			if args == nil {
				args = []string{"--no-pdf-header-footer", "--print-to-pdf=" + out}
			} else {
				args = append(args, "--screenshot="+out)
			}
			chromium(t, append(args, "file://"+path)...)
			info, err := os.Stat(out)
			if err != nil {
				t.Fatal(err)
			}
			if info.Size() < 20_000 {
				t.Errorf("%s has %d bytes: an empty page", name, info.Size())
			}
		})
	}
}
