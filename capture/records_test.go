// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/capture"
	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const (
	eve    = `{"timestamp":"2026-07-20T09:40:00.000000+0100","flow_id":1,"event_type":"http","src_ip":"10.1.2.31","dest_ip":"192.0.2.8","http":{"hostname":"www.oakfield.example","url":"/library","http_method":"GET","status":200}}`
	pretty = "{\n  \"timestamp\": \"2026-07-20T09:40:00.000000+0100\",\n  \"flow_id\": 1, \"event_type\": \"http\",\n  \"src_ip\": \"10.1.2.31\", \"dest_ip\": \"192.0.2.8\",\n" +
		"  \"http\": {\"hostname\": \"www.oakfield.example\", \"url\": \"/library\", \"http_method\": \"GET\", \"status\": 200}\n}"
)

func TestARecordOverSeveralLinesIsOneVisit(t *testing.T) {
	for _, name := range []string{"", "suricata_eve"} {
		r := newReader(t, capture.Options{Name: "sensor", Dialect: name})
		text := eve + "\n" + pretty + "\n" + eve + eve + "\n"
		all := feed(t, r, text)
		c := r.Counts()
		sum(t, c)
		if c.Visits != 4 || c.Blank != 5 || len(c.Unparsed) != 0 || c.Bytes != int64(len(text)) {
			t.Fatalf("dialect %q: got %+v", name, c)
		}
		if p := all[1].position; p.Start != int64(len(eve)+1) || p.End != p.Start+int64(len(pretty)+1) {
			t.Errorf("the record stands at %d to %d", p.Start, p.End)
		}
	}
}

func TestARecordThatIsLeftOpenCostsOnlyItself(t *testing.T) {
	r := newReader(t, capture.Options{Name: "sensor", Dialect: "suricata_eve"})
	all := feed(t, r, eve+"\n{ \"timestamp\": \"2026-07-20T09:40:00.000000+0100\",\n"+strings.Repeat(eve+"\n", 20)+"{\n\"http\": {\n")
	c := r.Counts()
	sum(t, c)
	if c.Visits != 21 || c.Lines != 24 || len(all) != 24 {
		t.Errorf("got %+v and %d records", c, len(all))
	}
}

func TestReadingGoesOnInTheMiddleOfATable(t *testing.T) {
	head := "Time,Username,Source IP,URL,Action"
	row := "2026-07-20 09:40:00,21bjones,10.1.2.31,https://www.oakfield.example/library,Allowed"
	r := newReader(t, capture.Options{Name: "export", Dialect: "csv_generic"})
	l := &intake.Line{Raw: []byte(row), Head: []byte(head + "\n" + row + "\n"), Text: 2, Position: safeguard.Position{Start: 120, End: 200}}
	var all []seen
	if err := r.Line(t.Context(), l, collect(&all)); err != nil {
		t.Fatal(err)
	}
	if err := r.End(context.Background(), collect(&all)); err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].user != "21bjones" || all[0].unparsed {
		t.Errorf("got %+v", all)
	}
	if c := r.Counts(); c.Lines != 1 {
		t.Errorf("the heading was counted: %+v", c)
	}
}
