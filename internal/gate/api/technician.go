// SPDX-License-Identifier: Apache-2.0

package api

import "time"

// The paths of the technician's page and of reports.
const (
	PathTechnician = "/v1/technician"
	PathReportTo   = "/v1/report/to"
	PathReport     = "/v1/report"
	PathReported   = "/v1/report/list"
	PathReportOpen = "/v1/report/open"
	PathReportDone = "/v1/report/done"
)

// CodeLater is 429: too many reports came in at once.
const CodeLater = "later"

// Technician is what technicians see: how the machine is, and nothing of what was found.
type Technician struct {
	Now      time.Time    `json:"now"`
	Version  string       `json:"version"`
	Policy   string       `json:"policy"`   // SHA-256, hex
	Manifest string       `json:"manifest"` // SHA-256, hex
	Stage    string       `json:"stage"`
	Missing  []Missing    `json:"missing,omitempty"` // before monitoring starts
	Amber    []string     `json:"amber,omitempty"`
	Sources  []TechSource `json:"sources,omitempty"`

	DiskFree    int64     `json:"disk_free"`    // bytes, where the state is; -1: not known
	DiskPercent int       `json:"disk_percent"` // free
	Certificate time.Time `json:"certificate,omitzero"`
	Backup      time.Time `json:"backup,omitzero"`
	Exposed     []Exposed `json:"exposed,omitempty"`
}

// TechSource is one source. Rates are lines a second of all that it gave, two
// significant figures, by quarter of an hour, the oldest first and the present one last; below 0: nobody looked.
type TechSource struct {
	Name     string     `json:"name"`
	Quiet    string     `json:"last_line"`
	Late     bool       `json:"late"`
	Rates    []float64  `json:"rates"`
	Unparsed []Unparsed `json:"unparsed,omitempty"`
	Shape    string     `json:"shape,omitempty"`   // what the last line that could not be read looked like, without what it said
	Carries  []string   `json:"carries,omitempty"` // in words and per cent
}

// Unparsed is one kind of line that could not be read.
type Unparsed struct {
	Code  string `json:"code"`
	Share string `json:"share"` // in steps
}

// Exposed is one way in which somebody can read a raw log, and how to close it.
type Exposed struct {
	Source string `json:"source"`
	Say    string `json:"say"`
	Do     string `json:"do"`
}

// ReportTo is whom reports are sealed to: public keys, nobody's name.
type ReportTo struct {
	To []string `json:"to"`
}

// MaxReport is the largest sealed report, in bytes.
const MaxReport = 64 << 10

// Report is one that its writer's browser has sealed.
type Report struct {
	Box []byte `json:"box"`
}

// Reported are the ids of the reports that wait, hex.
type Reported struct {
	IDs []string `json:"ids"`
}

// ReportRequest names a report.
type ReportRequest struct {
	ID string `json:"id"`
}
