package telemetry

import "strings"

// cross reports settings of an effective configuration that contradict each
// other. Those that are at fault by themselves it leaves out.
func (c Config) cross(from origins, fs *faults) {
	report := func(key, format string, args ...any) {
		if !fs.about(key) {
			fs.add(from[key], key, format, args...)
		}
	}
	taken := map[string]Stream{}
	for _, s := range Streams() {
		file := c.LogFiles.Of(s)
		if !*file.Enabled {
			continue
		}
		name := strings.ToLower(file.Filename) // Some file systems do not tell case apart.
		if other, found := taken[name]; found {
			// Blame the one that was set; the other may be a default.
			key, rival := "log_files."+string(s)+".filename", other
			if _, set := from[key]; !set {
				if k := "log_files." + string(other) + ".filename"; from[k].where != "" {
					key, rival = k, s
				}
			}
			report(key, "got %s, which is the file of log_files.%s, want a name of its own", quote(file.Filename), rival)
			continue
		}
		taken[name] = s
	}
	if *c.OTLP.Enabled {
		c.OTLP.cross(report, fs)
	}
}

func (c OTLPConfig) cross(report func(key, format string, args ...any), fs *faults) {
	endpoints := 0
	check := func(path, endpoint string, insecure *bool) {
		endpoints++
		if plaintext(endpoint) && !*insecure && !fs.about(path+"insecure") {
			report(path+"endpoint", "got %s, which is plain http to a host that is not a loopback one, want https, or %sinsecure: true",
				quote(showEndpoint(endpoint)), path)
		}
	}
	pair := func(path, certificate, key string) {
		switch {
		case certificate != "" && key == "":
			report(path+"client_certificate", "got a certificate without its key, want %sclient_key as well", path)
		case certificate == "" && key != "":
			report(path+"client_key", "got a key without its certificate, want %sclient_certificate as well", path)
		}
	}
	if c.Endpoint != "" {
		check("otlp.", c.Endpoint, c.Insecure)
	}
	pair("otlp.", c.ClientCertificate, c.ClientKey)
	for _, s := range c.signals() {
		path := "otlp." + s.name + "."
		if s.config.Endpoint != "" && *s.config.Enabled {
			check(path, s.config.Endpoint, s.config.Insecure)
		}
		if s.config.ClientCertificate != c.ClientCertificate || s.config.ClientKey != c.ClientKey {
			pair(path, s.config.ClientCertificate, s.config.ClientKey)
		}
		if fs.about(path + "endpoint") {
			endpoints++
		}
	}
	if endpoints == 0 && !fs.about("otlp.endpoint") {
		report("otlp.enabled", "got true without an endpoint, want otlp.endpoint as well")
	}
}
