// SPDX-License-Identifier: Apache-2.0

// The technician's page: how Sealwatch is today. Nothing on it says what was found, and
// nothing on it judges.

import { type App } from "../page/app.ts";
import { type Child, h, replace } from "../page/dom.ts";
import { bullets, button, buttons, details, field, heading, inset, lead, para, section, summary, table, tag } from "../page/kit.ts";
import { type Open } from "../page/shell.ts";
import { ago, capital, count, number, sayTime, screen } from "../tell.ts";
import { inWords, rates } from "./drawing.ts";
import { leaderPage } from "./leader.ts";
import { type TechSource, type Technician } from "./said.ts";

const day = 24 * 3_600_000;

export function machinePage(app: App): Open {
  return async () => {
    const t = await app.guard(() => app.gate.technician());
    return {
      title: "Sealwatch today",
      body: [
        heading("Sealwatch today"), lead(feeds(t)),
        para("You cannot see what Sealwatch finds, and nobody will ask you to. If you ever come across something that worries you, do not look further and do not forward it:"),
        buttons(h("span", { class: "sw-now" }, button("I need to tell a senior leader now", () => app.shell.go(leaderPage(app)), "warning"))),
        missing(t), amber(t), section("Feeds"), t.sources.length === 0 ? para("No filter log is set. Set sources in the configuration.") : t.sources.map(source),
        section("Who else can read the raw logs"), exposed(t),
        section("This machine"), machine(t, app.gate.now()),
        section("A reply for the helpdesk"), reply(),
      ],
    };
  };
}

function feeds(t: Technician): string {
  const late = t.sources.filter((s) => s.late || s.quiet === "never" || s.quiet === "over 1 hour");
  const well = t.sources.length - late.length;
  const first = well === 0 ? "" : `${capital(number(well))} ${well === 1 ? "feed is" : "feeds are"} well. `;
  return first + (late.length > 0 ? `No lines lately from: ${late.map((s) => s.name).join(", ")}. In the holidays and at night that is as it should be.` : t.sources.length > 0 ? "Lines arrive." : "Nothing is watched.");
}

function missing(t: Technician): Child {
  if (t.stage === "monitoring") return null;
  return [section("Monitoring has not started"), para("What is missing, and who has to do it. You can carry on meanwhile."),
    bullets(t.missing.map((m) => [m.who ? [h("strong", {}, screen(m.who)), ": "] : null, screen(m.say)]))];
}

function amber(t: Technician): Child {
  const all = t.amber.filter((a) => !a.startsWith("Monitoring has not started."));
  return all.length === 0 ? null : [section("What should be put right"), bullets(all.map(screen))];
}

function source(s: TechSource): Child {
  const state = s.quiet === "never" ? tag("no line yet", "yellow") : s.late ? tag("late", "orange") : s.quiet === "over 1 hour" ? tag("quiet", "grey") : tag("alive", "green");
  return h("section", { class: "sw-person", "aria-label": s.name },
    h("h3", { class: "govuk-heading-s" }, s.name, " ", state),
    h("figure", { class: "sw-figure" }, rates(s.rates), h("figcaption", { class: "govuk-body-s" }, inWords(s.rates))),
    summary([["Last line", s.quiet === "never" ? "none since the start" : s.quiet + " ago"]]),
    s.carries.length > 0 ? bullets(s.carries.map(screen)) : para("What the lines carry is said once a few thousand have come."),
    s.unparsed.length === 0 ? para("Every line could be read.") : [
      table("Lines that could not be read", ["Why", "Of all lines"], s.unparsed.map((u) => [u.code, u.share])),
      s.shape ? para("The last of them looks like this, without what it says: ", h("code", { class: "sw-shape" }, screen(s.shape))) : null,
      para("Nothing is lost: such lines are searched as they are. If most lines are among them, set the source’s dialect."),
    ]);
}

function exposed(t: Technician): Child {
  if (t.exposed.length === 0) return para("Nobody but the account that runs Sealwatch, and whoever is root on this machine. Root can always read a raw log before Sealwatch does.");
  return [
    para("A raw log holds everything that Sealwatch seals. Each of these can be closed. Root on this machine can always read it."),
    t.exposed.map((e) => h("section", { class: "sw-person", "aria-label": `${e.source}: ${e.say}` }, para(h("strong", {}, e.source), ": ", screen(e.say)), para("To close it: ", howTo(screen(e.do))))),
  ];
}

function machine(t: Technician, now: Date): Child {
  const off = t.now ? Math.round(Math.abs(Date.now() - t.now.getTime()) / 1000) : 0;
  const left = t.certificate ? Math.floor((t.certificate.getTime() - now.getTime()) / day) : 0;
  return summary([
    ["Disk", t.diskFree < 0 ? "not known" : `${t.diskPercent} % free (${Math.round(t.diskFree / 1e9)} GB)`],
    ["Clock", off > 5 ? `${off} seconds apart from this device’s: check which is right` : "agrees with this device’s"],
    ["Certificate", t.certificate ? `${count(left, "day", "days")} left` : "none: this address works on this machine only, or a proxy has it"],
    ["Last backup", t.backup ? `${sayTime(t.backup, now)}, ${ago(now.getTime() - t.backup.getTime())}` : "none yet: sealwatch backup --help says how"],
    ["Version", t.version], ["Policy", h("code", { class: "sw-shape" }, t.policy.slice(0, 16))], ["Manifest", h("code", { class: "sw-shape" }, t.manifest.slice(0, 16))],
  ]);
}

// helpdesk is what to answer somebody who sends an address to the helpdesk.
export function helpdesk(address: string): string {
  return `Thank you for telling us. Please do not send us the address or a picture, and do not open it again: turn the screen off and leave the computer on.\n\nPlease tell the safeguarding team at ${address}/report. It takes a minute, needs no password, and only they can read it. If somebody may be in danger, go to a senior leader now, or ring 999.\n\nIT cannot look at this, and does not need to.`;
}

function reply(): Child {
  const f = field({ label: "When somebody sends you an address or a picture", rows: 8, value: helpdesk(location.origin) });
  const said = h("div", { role: "status" });
  return [f.element, buttons(button("Copy the reply", async () => {
    try {
      await navigator.clipboard.writeText(f.value());
      replace(said, inset("Copied. Do not quote what they sent you."));
    } catch {
      replace(said, inset("This browser does not let the page copy. Mark the text and copy it yourself."));
    }
  }, "secondary")), said, details("What to do with their message", para("Do not open it, do not forward it, do not delete it yet. Ring the safeguarding lead and say that there is one. They decide what becomes of it."))];
}

// howTo sets what can be typed apart from what is said. Sentences begin with a capital.
function howTo(text: string): HTMLElement | string {
  return /^[a-z]/.test(text) ? h("code", { class: "sw-shape" }, text) : text;
}
