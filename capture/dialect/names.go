// SPDX-License-Identifier: Apache-2.0

package dialect

// products are how people call the dialects.
var products = map[string]string{
	"adguard_home": "AdGuard Home", "cef_generic": "CEF", "csv_generic": "CSV or TSV export",
	"e2guardian": "E2Guardian or DansGuardian", "fortigate": "FortiGate or FortiProxy", "json_generic": "JSON",
	"kv_generic": "key=value", "leef_generic": "LEEF", "ms_dns_debug": "Windows DNS debug",
	"panos": "Palo Alto Networks", "pfblockerng": "pfBlockerNG", "pihole_dnsmasq": "Pi-hole or dnsmasq",
	"sophos_central": "Sophos Central", "sophos_utm": "Sophos UTM", "sophos_xg": "Sophos Firewall",
	"squid": "Squid", "squidguard": "squidGuard", "suricata_eve": "Suricata EVE",
	"umbrella_dns": "Cisco Umbrella DNS", "umbrella_proxy": "Cisco Umbrella proxy", "unbound": "Unbound",
	"untangle_ngfw": "Untangle or Arista NG Firewall", "zeek_json": "Zeek JSON", "zeek_tsv": "Zeek", "zscaler_zia": "Zscaler",
}

// Product returns how people call a dialect, or the dialect's name.
func Product(name string) string {
	if p := products[name]; p != "" {
		return p
	}
	return name
}
