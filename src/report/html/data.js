"use strict";
// The report's data, what is known of each leak, and which leaks the filters leave.

const report = JSON.parse(document.getElementById("data").textContent);
const { scan, tool, rules, refs } = report;
const SEVERITIES = ["critical", "high", "medium", "low"];
const CONFIDENCES = ["certain", "likely", "possible"];
const DAY = 86400000;

const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
const days = new Intl.DateTimeFormat("en", { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" });
const many = (n, one, others) => `${number.format(n)} ${n === 1 ? one : others}`;
const day = (time) => (Number.isFinite(time) ? days.format(time) : "");

/** Makes an element. What comes from the scanned repository only ever becomes text. */
function make(name, properties, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") element.className = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Control characters and those that reorder text, made visible. */
function visible(text) {
  return String(text ?? "").replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g,
    (c) => "\\u{" + c.codePointAt(0).toString(16) + "}");
}

function badge(text, kind) {
  const dot = SEVERITIES.includes(kind) && make("span", { class: `dot ${kind}`, "aria-hidden": "true" });
  return make("span", { class: `badge ${kind || ""}` }, dot, text);
}

/** A span of time in words, to the unit that matters. */
function span(time) {
  const n = time / DAY;
  if (n < 1) return "under a day";
  if (n < 60) return many(Math.round(n), "day", "days");
  if (n < 730) return many(Math.round(n / 30.44), "month", "months");
  return `${(n / 365.25).toFixed(1)} years`;
}

const scanned = Date.parse(scan.started_at || "") || NaN;

const leaks = report.findings.map((found, index) => {
  const rule = rules[found.rule];
  const since = found.commit ? Date.parse(found.commit.date) : NaN;
  const removed = found.life?.removed ? Date.parse(found.life.removed.date) : NaN;
  const open = found.status === "new" || found.status === "expired";
  // In history a leak is in HEAD, or gone from it at a known or an unknown time; a file on disk is simply there.
  const state = found.in_head === undefined || found.in_head === null ? "" : found.in_head ? "head" : "gone";
  const end = Number.isFinite(removed) ? removed : state === "gone" ? NaN : scanned;
  const exposure = Number.isFinite(since) ? Math.max(0, (Number.isFinite(end) ? end : scanned) - since) : NaN;
  const severity = Math.max(0, SEVERITIES.indexOf(found.severity));
  const confidence = CONFIDENCES.indexOf(found.confidence);
  const text = [found.label, rule.name, rule.id, rule.provider, found.fingerprint, found.commit?.author,
    found.commit?.id, found.commit?.summary].join("\n").toLowerCase();
  return { ...found, index, rule, since, removed, end, exposure, state, open, rank: severity, sure: confidence, text };
});
const open = leaks.filter((leak) => leak.open);
const timed = leaks.some((leak) => Number.isFinite(leak.since));
const dated = leaks.some((leak) => leak.state);
const STATES = { head: "still in HEAD", gone: "only in history" };

/** How often each key comes up, the commonest first. */
function tally(list, key) {
  const counts = new Map();
  for (const item of list) counts.set(key(item), (counts.get(key(item)) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

// What is asked for: a key is a filter's name, an empty value lets everything through.
const filter = { q: "", severity: "", confidence: "", provider: "", state: "", status: "" };
const order = { key: "rank", up: true };
let found = [];

const KEYS = {
  rank: (leak) => leak.rank * 10 + leak.sure,
  what: (leak) => leak.rule.name.toLowerCase(),
  where: (leak) => leak.label,
  sure: (leak) => leak.sure,
  since: (leak) => (Number.isFinite(leak.since) ? leak.since : Infinity),
  exposure: (leak) => (Number.isFinite(leak.exposure) ? leak.exposure : -1),
};

function matches(leak, words) {
  return (!filter.severity || leak.severity === filter.severity)
    && (!filter.confidence || leak.confidence === filter.confidence)
    && (!filter.provider || leak.rule.provider === filter.provider)
    && (!filter.state || leak.state === filter.state)
    && (!filter.status || leak.status === filter.status)
    && words.every((word) => leak.text.includes(word));
}

function select() {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
  const key = KEYS[order.key];
  const sign = order.up ? 1 : -1;
  found = leaks.filter((leak) => matches(leak, words));
  found.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return (x < y ? -sign : x > y ? sign : 0) || a.index - b.index;
  });
}

/** Sets filters, takes one off that is set already, and shows what is left. */
function choose(changes, toggle) {
  for (const [name, value] of Object.entries(changes)) {
    filter[name] = toggle && filter[name] === value ? "" : value;
    if ($(name) && $(name).value !== filter[name]) $(name).value = filter[name];
  }
  refresh(0);
}
