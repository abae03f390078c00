// The trace agent core that Datadog's Agent is made of, as a server for the tests, together with the intake that it sends to.
//
// The Agent repairs or drops what it does not like and answers 200 all the same: what it thinks of a payload shows only in its log, its
// counters and its output. So the intake keeps them all, and tells them on a port of its own:
//
//	GET  /traces    what the Agent has sent on: a list of AgentPayload (proto names, JSON)
//	GET  /stats     the same for statistics: a list of StatsPayload
//	GET  /logs      its log lines, "LEVEL text"
//	GET  /counters  what it has dropped, or accepted after a repair, in its own words; not older than ten seconds
//	POST /clear     forgets all of it
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	compression "github.com/DataDog/datadog-agent/comp/trace/compression/impl-gzip"
	pb "github.com/DataDog/datadog-agent/pkg/proto/pbgo/trace"
	"github.com/DataDog/datadog-agent/pkg/trace/agent"
	"github.com/DataDog/datadog-agent/pkg/trace/config"
	"github.com/DataDog/datadog-agent/pkg/trace/info"
	"github.com/DataDog/datadog-agent/pkg/trace/log"
	"github.com/DataDog/datadog-agent/pkg/trace/telemetry"
	"github.com/DataDog/datadog-go/v5/statsd"
	"github.com/tinylib/msgp/msgp"
)

// Any text of this length is a key to the intake below.
const apiKey = "0123456789abcdef0123456789abcdef"

// intake stands where Datadog's servers would be.
type intake struct {
	mutex    sync.Mutex
	traces   []*pb.AgentPayload
	stats    []*pb.StatsPayload
	logs     []string
	counters func() []string
}

func (in *intake) log(level, text string) {
	in.mutex.Lock()
	defer in.mutex.Unlock()
	in.logs = append(in.logs, level+" "+text)
}

func (in *intake) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	body, err := bodyOf(request)
	if err != nil {
		in.log("INTAKE", "unreadable body: "+err.Error())
		response.WriteHeader(http.StatusBadRequest)
		return
	}
	in.mutex.Lock()
	defer in.mutex.Unlock()
	switch request.Method + " " + request.URL.Path {
	case "POST /api/v0.2/traces":
		payload := &pb.AgentPayload{}
		if err := payload.UnmarshalVT(body); err != nil {
			in.logs = append(in.logs, "INTAKE unreadable traces: "+err.Error())
		}
		in.traces = append(in.traces, payload)
		response.WriteHeader(http.StatusAccepted)
	case "POST /api/v0.2/stats":
		payload := &pb.StatsPayload{}
		if err := msgp.Decode(bytes.NewReader(body), payload); err != nil {
			in.logs = append(in.logs, "INTAKE unreadable stats: "+err.Error())
		}
		in.stats = append(in.stats, payload)
		response.WriteHeader(http.StatusAccepted)
	case "GET /traces":
		tell(response, in.traces)
	case "GET /stats":
		tell(response, in.stats)
	case "GET /logs":
		tell(response, in.logs)
	case "GET /counters":
		tell(response, in.counters())
	case "POST /clear":
		in.traces, in.stats, in.logs = nil, nil, nil
	default:
		// Telemetry and the like, which no test asks for.
		response.WriteHeader(http.StatusAccepted)
	}
}

func bodyOf(request *http.Request) ([]byte, error) {
	if request.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(request.Body)
	}
	unpacked, err := gzip.NewReader(request.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unpacked)
}

func tell(response http.ResponseWriter, what any) {
	response.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(response).Encode(what); err != nil {
		fmt.Fprintln(os.Stderr, "cannot tell:", err)
	}
}

// troubles lists what the receiver has counted as dropped or repaired since it last reset its counters.
func troubles(stats *info.ReceiverStats) []string {
	stats.RLock()
	defer stats.RUnlock()
	found := []string{}
	for _, tagged := range stats.Stats {
		if text := tagged.WarnString(); text != "" {
			found = append(found, text)
		}
	}
	return found
}

// logger hands every line on, from the level that tells of repairs.
type logger struct{ in *intake }

func (l logger) Trace(...any)                       {}
func (l logger) Tracef(string, ...any)              {}
func (l logger) Debug(v ...any)                     { l.in.log("DEBUG", fmt.Sprint(v...)) }
func (l logger) Debugf(f string, v ...any)          { l.in.log("DEBUG", fmt.Sprintf(f, v...)) }
func (l logger) Info(v ...any)                      { l.in.log("INFO", fmt.Sprint(v...)) }
func (l logger) Infof(f string, v ...any)           { l.in.log("INFO", fmt.Sprintf(f, v...)) }
func (l logger) Warn(v ...any) error                { return l.loud("WARN", fmt.Sprint(v...)) }
func (l logger) Warnf(f string, v ...any) error     { return l.loud("WARN", fmt.Sprintf(f, v...)) }
func (l logger) Error(v ...any) error               { return l.loud("ERROR", fmt.Sprint(v...)) }
func (l logger) Errorf(f string, v ...any) error    { return l.loud("ERROR", fmt.Sprintf(f, v...)) }
func (l logger) Critical(v ...any) error            { return l.loud("CRITICAL", fmt.Sprint(v...)) }
func (l logger) Criticalf(f string, v ...any) error { return l.loud("CRITICAL", fmt.Sprintf(f, v...)) }
func (l logger) Flush()                             {}

func (l logger) loud(level, text string) error {
	fmt.Fprintln(os.Stderr, level, text)
	l.in.log(level, text)
	return nil
}

func settings(port int, intakeURL string) *config.AgentConfig {
	c := config.New()
	// A list of its own for each user: the Agent writes into them.
	endpoints := func() []*config.Endpoint { return []*config.Endpoint{{Host: intakeURL, APIKey: apiKey}} }
	c.Hostname, c.DefaultEnv = "test-host", "none"
	c.ReceiverHost, c.ReceiverPort = "127.0.0.1", port
	c.Endpoints = endpoints()
	c.TelemetryConfig = &config.TelemetryConfig{Enabled: true, Endpoints: endpoints()}
	c.EVPProxy.DDURL, c.ProfilingProxy.DDURL = intakeURL, intakeURL+"/profile"
	c.DebuggerProxy.DDURL, c.SymDBProxy.DDURL, c.OpenLineageProxy.DDURL = intakeURL, intakeURL, intakeURL
	// Tests wait for what comes out.
	c.TraceWriter.FlushPeriodSeconds, c.StatsWriter.FlushPeriodSeconds = 0.1, 0.1
	c.BucketInterval = 2 * time.Second
	// Left at zero, a busy decoder is a 429 at once, and one keep-alive connection locks out all others.
	c.DecoderTimeout, c.Decoders, c.MaxConnections = 1000, 2, 200
	// Spans stay as they were sent, field by field.
	c.Features["disable-convert-traces"] = struct{}{}
	return c
}

func main() {
	port := flag.Int("port", 8126, "where traces are received")
	intakePort := flag.Int("intake", 8127, "where the Agent sends to, and tests ask")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	in := &intake{counters: func() []string { return []string{} }}
	log.SetLogger(logger{in})
	address := fmt.Sprintf("127.0.0.1:%d", *intakePort)
	core := agent.NewAgent(ctx, settings(*port, "http://"+address), telemetry.NewNoopCollector(), &statsd.NoOpClient{}, compression.NewComponent())
	in.counters = func() []string { return troubles(core.Receiver.Stats) }
	go func() {
		if err := http.ListenAndServe(address, in); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}()
	core.Run()
}
