// SPDX-License-Identifier: Apache-2.0

// How many lines a source gave over the day, drawn. The words beside it say the same.

import { svg } from "../page/dom.ts";

const wide = 480;
const high = 60;

// rates draws a bar for each quarter of an hour, the newest on the right. Where nobody
// looked there is a line below the axis.
export function rates(all: number[]): SVGElement {
  const most = Math.max(...all, 0.01);
  const step = wide / Math.max(all.length, 1);
  return svg("svg", { class: "sw-rates", viewBox: `0 0 ${wide} ${high + 6}`, role: "img", "aria-label": inWords(all) },
    svg("line", { x1: 0, y1: high, x2: wide, y2: high, class: "sw-rates-axis" }),
    all.map((r, i) => {
      if (r < 0) return svg("rect", { x: i * step, y: high + 2, width: step, height: 3, class: "sw-rates-unknown" });
      const h = Math.max(r > 0 ? 1 : 0, (r / most) * (high - 2));
      return svg("rect", { x: i * step, y: high - h, width: Math.max(step - 1, 1), height: h, class: "sw-rates-bar" });
    }));
}

// inWords is the drawing for those who do not see it.
export function inWords(all: number[]): string {
  const known = all.filter((r) => r >= 0);
  if (known.length === 0) return "Nothing is known of this day yet.";
  const most = Math.max(...known);
  const unknown = all.length - known.length;
  return `Over the last 24 hours: at most ${say(most)} lines a second, ${say(known[known.length - 1]!)} now.` + (unknown > 0 ? " Sealwatch has not run for all of this time." : "");
}

export function say(rate: number): string {
  return rate >= 10 ? String(Math.round(rate)) : String(Number(rate.toPrecision(2)));
}
