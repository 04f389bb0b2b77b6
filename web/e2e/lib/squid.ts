// SPDX-License-Identifier: Apache-2.0

// Lines of a proxy's log, written by hand. Everybody in them is invented.

export interface Line {
  at: Date;
  user?: string;
  client?: string;
  url: string;
  status?: string;
  referrer?: string;
  agent?: string;
}

// squid is a line of Squid's own format; with a referrer or an agent, of its combined one.
export function squid(l: Line): string {
  if (l.referrer === undefined && l.agent === undefined) {
    return `${(l.at.getTime() / 1000).toFixed(3)}     98 ${l.client ?? "10.20.1.7"} ${l.status ?? "TCP_MISS/200"} 4211 GET ${l.url} ${l.user ?? "-"} HIER_DIRECT/192.0.2.1 text/html\n`;
  }
  const month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][l.at.getUTCMonth()]!;
  const two = (n: number): string => String(n).padStart(2, "0");
  const stamp = `${two(l.at.getUTCDate())}/${month}/${l.at.getUTCFullYear()}:${two(l.at.getUTCHours())}:${two(l.at.getUTCMinutes())}:${two(l.at.getUTCSeconds())} +0000`;
  return `${l.client ?? "10.20.1.7"} - ${l.user ?? "-"} [${stamp}] "GET ${l.url} HTTP/1.1" 200 4211 "${l.referrer ?? "-"}" "${l.agent ?? "-"}" TCP_MISS:HIER_DIRECT\n`;
}

export function search(words: string): string {
  return "https://www.google.com/search?q=" + encodeURIComponent(words).replaceAll("%20", "+");
}

// plea is a search that becomes a critical item, with whatever else after it.
export const plea = "i want to kill myself tonight";
