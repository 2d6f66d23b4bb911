// The list with its filters and pages, the receipt, and the panel of a leak.

const PAGE = 100;
const PRINTED = 1000;
let page = 0;
let current = null;

const COLUMNS = [["rank", "Severity"], ["what", "What"], ["where", "Where"], ["sure", "Sure"]]
  .concat(timed ? [["since", "Since"], ["exposure", "Exposed"]] : []);

function heads() {
  for (const [key, name] of COLUMNS) {
    const button = make("button", { type: "button", onclick: () => {
      order.up = order.key === key ? !order.up : key !== "exposure";
      order.key = key;
      refresh(0);
    } }, name);
    const head = make("th", { scope: "col" }, button);
    head.key = key;
    $("head").append(head);
  }
}

function line(leak) {
  const status = !leak.open && badge(leak.status);
  const state = leak.state && (Number.isFinite(leak.removed) ? `taken out ${day(leak.removed)}` : STATES[leak.state]);
  const more = leak.places.length + leak.more;
  const cells = [
    make("td", { class: "nowrap" }, badge(leak.severity, leak.severity)),
    make("td", {}, make("button", { type: "button", class: "open", onclick: (event) => { event.stopPropagation(); show(leak); } }, visible(leak.rule.name)),
      make("div", { class: "under" }, make("code", {}, visible(leak.redacted)), ` ${visible(leak.rule.provider)} `, status)),
    make("td", { class: "path" }, make("code", {}, visible(`${leak.label}:${leak.line}`)),
      more > 0 && make("div", { class: "under" }, `and ${many(more, "other place", "other places")}`)),
    make("td", { class: "nowrap", "data-label": "Sure:" }, leak.confidence),
  ];
  if (timed) {
    cells.push(make("td", { class: "nowrap", "data-label": "Since:" }, day(leak.since), state && make("div", { class: "under" }, state)),
      make("td", { class: "nowrap", "data-label": "Exposed:" }, Number.isFinite(leak.exposure) ? (Number.isFinite(leak.end) ? span(leak.exposure) : "end unknown") : ""));
  }
  const row = make("tr", { onclick: () => show(leak) }, ...cells);
  row.dataset.fingerprint = leak.fingerprint;
  return row;
}

function rows(list) {
  const none = make("tr", {}, make("td", { colspan: COLUMNS.length, class: "empty" }, leaks.length ? "No leak is like that. Clear the filters to see all." : "There is nothing to list."));
  $("rows").replaceChildren(...(list.length ? list.map(line) : [none]));
}

/** Shows a page of what the filters leave. */
function refresh(to) {
  select();
  const last = Math.max(0, Math.ceil(found.length / PAGE) - 1);
  page = Math.min(Math.max(0, to), last);
  rows(found.slice(page * PAGE, (page + 1) * PAGE));
  const shown = found.length > PAGE ? `, ${number.format(page * PAGE + 1)} to ${number.format(Math.min(found.length, (page + 1) * PAGE))} shown` : "";
  $("count").textContent = found.length === leaks.length ? `${many(leaks.length, "leak", "leaks")}${shown}` : `${number.format(found.length)} of ${many(leaks.length, "leak", "leaks")}${shown}`;
  for (const head of $("head").children) {
    if (head.key === order.key) head.setAttribute("aria-sort", order.up ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
  }
  for (const button of document.querySelectorAll("button.figure, button.bar, .matrix button")) {
    button.setAttribute("aria-pressed", String(Object.entries(button.change).every(([name, value]) => filter[name] === value)));
  }
  const step = (name, by, off) => make("button", { type: "button", class: "quiet", disabled: off, onclick: () => {
    refresh(page + by);
    $("leaks").scrollIntoView();
    $("leaks").focus({ preventScroll: true });
  } }, name);
  $("pages").replaceChildren(...(last > 0
    ? [make("span", { class: "hint" }, `Page ${number.format(page + 1)} of ${number.format(last + 1)}`), step("Previous", -1, page === 0), step("Next", 1, page === last)] : []));
}

function options(id, all, list) {
  $(id).append(make("option", { value: "" }, all), ...list.map(([value, name, count]) => make("option", { value }, count === undefined ? name : `${name} (${number.format(count)})`)));
  $(id).addEventListener("change", () => choose({ [id]: $(id).value }));
}

function filters() {
  const counted = (key, names) => {
    const counts = new Map(tally(leaks, key));
    return names.filter((name) => counts.has(name)).map((name) => [name, visible(name), counts.get(name)]);
  };
  options("severity", "All", counted((leak) => leak.severity, SEVERITIES));
  options("confidence", "All", counted((leak) => leak.confidence, CONFIDENCES));
  options("provider", "All", tally(leaks, (leak) => leak.rule.provider).map(([name, count]) => [name, visible(name), count]).sort((a, b) => a[1].localeCompare(b[1], "en")));
  options("state", "All", [["head", STATES.head], ["gone", STATES.gone]]);
  const statuses = tally(leaks, (leak) => leak.status);
  options("status", "All", statuses.map(([name, count]) => [name, visible(name), count]));
  $("state-label").hidden = !dated;
  $("status-label").hidden = statuses.length < 2;
  let waiting;
  $("q").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => choose({ q: $("q").value }), 80);
  });
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", () => setTimeout(() => choose({ q: "", severity: "", confidence: "", provider: "", state: "", status: "" })));
}

function receipt() {
  const left = [["baseline", "in the baseline"], ["inline", "allowed by a comment"], ["config", "allowed by the configuration"], ["example", "published examples"]]
    .filter(([key]) => scan.suppressed[key] > 0).map(([key, name]) => `${number.format(scan.suppressed[key])} ${name}`);
  const size = scan.bytes < 1e6 ? `${number.format(Math.round(scan.bytes / 1e3))} kB` : `${number.format(Math.round(scan.bytes / 1e6))} MB`;
  const facts = [
    ["Scan", visible(`${scan.mode}: ${scan.target}`)],
    ["Begun", scan.started_at ? scan.started_at.replace("T", " ").replace("Z", " UTC") : ""],
    ["Read", `${many(scan.blobs, "blob", "blobs")}${scan.commits ? ` of ${many(scan.commits, "commit", "commits")}` : ""}, ${size}, in ${(scan.duration_ms / 1000).toFixed(1)} s`],
    ["Complete", scan.complete ? "yes, everything that was asked for was read" : `no, ${many(scan.skipped.length, "input was", "inputs were")} left out`],
    ["Not reported", left.join(", ") || "nothing"],
    ...(scan.warnings || []).map((warning) => ["Warning", visible(warning)]),
    ["Made by", visible(`leakstop ${tool.version}, rules ${tool.rules_hash}`)],
  ];
  for (const [name, value] of facts.filter(([, value]) => value)) $("facts").append(make("dt", {}, name), make("dd", {}, value));
  if (scan.skipped.length) {
    const list = scan.skipped.slice(0, 500).map((skip) => make("li", {}, make("code", {}, visible(skip.what)), ` ${visible(skip.reason)} (${visible(skip.detail)})`));
    if (scan.skipped.length > 500) list.push(make("li", { class: "hint" }, `and ${number.format(scan.skipped.length - 500)} more`));
    $("skipped").append(make("details", { open: scan.skipped.length <= 10 }, make("summary", {}, `Not scanned: ${number.format(scan.skipped.length)}`), make("ul", { class: "plain" }, ...list)));
  }
  $("foot").textContent = "This page is one file. It loads nothing, sends nothing and holds no secret: values are masked. Where secrets lie is told all the same, so pass it on with care.";
}

/** Where a leak lies, in rows of a name and a value. */
function facts(leak) {
  const held = refs[leak.refs];
  const list = [["Where", make("code", {}, visible(`${leak.label}:${leak.line}:${leak.column}`))]];
  if (leak.decoded?.length) list.push(["Within", visible([...leak.decoded].reverse().join(" in "))]);
  if (leak.pair) list.push(["With", visible(leak.pair)]);
  if (leak.commit) list.push(["Came in", visible(`${day(leak.since) || leak.commit.date} by ${leak.commit.author}`)], ["Commit", make("span", {}, make("code", {}, visible(leak.commit.id.slice(0, 12))), ` ${visible(leak.commit.summary)}`)]);
  if (Number.isFinite(leak.removed)) list.push(["Taken out", make("span", {}, visible(`${day(leak.removed)} by ${leak.life.removed.author} in `), make("code", {}, visible(leak.life.removed.id.slice(0, 12))))]);
  if (leak.life?.moved_to) list.push(["Now there", visible(`${leak.life.moved_to.name}, ${leak.life.moved_to.used ? "which HEAD uses" : "which nothing in HEAD uses"}`)]);
  if (Number.isFinite(leak.exposure)) list.push(["Exposed", Number.isFinite(leak.end) ? `${span(leak.exposure)}${leak.state === "head" ? ", and still there" : ", and still in history"}` : "no longer in HEAD; until when is not known; still in history"]);
  if (leak.state) list.push(["State", STATES[leak.state]], ["Pushed", leak.life?.pushed ? "yes, a remote-tracking ref reaches it" : "not that this clone knows of"], ["Refs", held.first.length ? visible(held.first.join(", ") + (held.more ? ` and ${number.format(held.more)} more` : "")) : "none reaches it"]);
  if (leak.note) list.push(["Note", visible(leak.note)]);
  list.push(["Rule", make("code", {}, visible(leak.rule.id))], ["Fingerprint", make("code", {}, visible(leak.fingerprint))]);
  return make("dl", { class: "facts" }, ...list.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

function runbook(leak) {
  const link = (url, text) => make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
  const shell = (text) => make("pre", {}, make("code", {}, text));
  const steps = [
    make("li", {}, make("strong", {}, "Revoke or replace it"), leak.rule.revoke ? make("span", {}, " at ", link(leak.rule.revoke, visible(leak.rule.provider)), ".") : " where it is used."),
    make("li", {}, make("strong", {}, "Look for use by others"), leak.commit ? ` in the provider’s logs, from ${day(leak.since) || "the day it came in"} on.` : " in the provider’s logs."),
    make("li", {}, make("strong", {}, "Give the new one to who needs it"), " from a secret store or the environment, not from the code."),
    leak.state !== "gone" && make("li", {}, make("strong", {}, "Take it out of the code"), ` at ${visible(leak.label)}, line ${leak.line}.`),
  ];
  if (leak.commit && leak.label.indexOf("!") < 0 && leak.state) {
    steps.push(make("li", {}, make("strong", {}, "Only then, if it must go, rewrite history"), " and have every clone made anew; forks and caches keep the old one.",
      shell("git filter-repo --sensitive-data-removal --replace-text values.txt   # values.txt: VALUE==>REMOVED; do not commit it")));
  }
  steps.push(make("li", {}, make("strong", {}, "See that it stays away"), shell("leakstop install             # the hooks of this clone\nleakstop incident " + visible(leak.fingerprint) + "   # this runbook, for the ticket")));
  return make("ol", { class: "runbook" }, ...steps.filter(Boolean));
}

function places(leak) {
  const all = leak.places.length + leak.more;
  if (!all) return [];
  const list = leak.places.map((place) => make("li", {}, `line ${place.line}`, place.commit ? make("span", {}, " in commit ", make("code", {}, visible(place.commit.slice(0, 12)))) : place.object ? make("span", {}, " in object ", make("code", {}, visible(place.object.slice(0, 12)))) : ""));
  if (leak.more) list.push(make("li", { class: "hint" }, `and ${number.format(leak.more)} more`));
  return [make("h3", {}, `${many(all, "other place", "other places")} in this file`), make("ul", { class: "plain" }, ...list)];
}

function snippet(leak) {
  if (!leak.snippet) return [];
  const at = leak.snippet.indexOf(leak.redacted);
  const [before, after] = at < 0 ? [leak.snippet, ""] : [leak.snippet.slice(0, at), leak.snippet.slice(at + leak.redacted.length)];
  return [make("h3", {}, "The line, masked"), make("pre", {}, make("code", {}, visible(before), at < 0 ? "" : make("mark", {}, visible(leak.redacted)), visible(after)))];
}

/** Opens the panel of a leak. */
function show(leak) {
  current = leak;
  const at = found.indexOf(leak);
  $("panel-place").textContent = at < 0 ? "" : `${number.format(at + 1)} of ${number.format(found.length)}`;
  $("previous").disabled = at <= 0;
  $("next").disabled = at < 0 || at === found.length - 1;
  const act = make("div", { class: "act" },
    leak.rule.revoke && make("a", { class: "button", href: leak.rule.revoke, target: "_blank", rel: "noopener noreferrer" }, "Revoke or replace it"),
    leak.rule.docs && make("a", { href: leak.rule.docs, target: "_blank", rel: "noopener noreferrer" }, "What the vendor says"));
  $("panel-body").replaceChildren(
    make("h2", { id: "panel-title" }, visible(leak.rule.name)),
    make("div", { class: "badges" }, badge(leak.severity, leak.severity), badge(`${leak.confidence}, ${Math.round(leak.score * 100)}%`), badge(visible(leak.rule.provider)), !leak.open && badge(leak.status)),
    make("p", {}, visible(leak.rule.description)), act, ...snippet(leak),
    make("h3", {}, "Where it lies"), facts(leak), ...places(leak),
    make("h3", {}, "Why it is believed"), make("ul", { class: "plain" }, ...leak.reasons.map((reason) => make("li", {}, visible(reason)))),
    make("h3", {}, "What to do"), runbook(leak));
  if (!$("panel").open) $("panel").showModal();
  $("panel-body").scrollTop = 0;
  try { history.replaceState(null, "", `#${leak.fingerprint}`); } catch { /* a page in a sandbox has no address of its own */ }
}

function panel() {
  const step = (by) => {
    const to = found[found.indexOf(current) + by];
    if (to) show(to);
  };
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  $("close").addEventListener("click", () => $("panel").close());
  $("panel").addEventListener("click", (event) => { if (event.target === $("panel")) $("panel").close(); });
  $("panel").addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  $("panel").addEventListener("close", () => {
    try { history.replaceState(null, "", location.pathname + location.search); } catch { /* as above */ }
  });
}

function theme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const set = (dark) => {
    document.documentElement.classList.toggle("dark", dark);
    $("theme").textContent = dark ? "Light" : "Dark";
  };
  set(system.matches);
  system.addEventListener("change", () => set(system.matches));
  $("theme").hidden = false;
  $("theme").addEventListener("click", () => set(!document.documentElement.classList.contains("dark")));
}

theme();
summary();
rotate();
if (open.length) {
  $("charts").hidden = false;
  providers();
  matrix();
}
timeline();
heads();
filters();
panel();
receipt();
refresh(0);
addEventListener("beforeprint", () => {
  rows(found.slice(0, PRINTED));
  if (found.length > PRINTED) $("count").textContent = `The first ${number.format(PRINTED)} of ${number.format(found.length)} leaks; filter the page to print others.`;
});
addEventListener("afterprint", () => refresh(page));
addEventListener("keydown", (event) => {
  if (event.key !== "/" || $("panel").open || /^(input|select|textarea)$/i.test(document.activeElement?.tagName || "")) return;
  event.preventDefault();
  $("q").focus();
});
const asked = leaks.find((leak) => location.hash === `#${leak.fingerprint}`);
if (asked) show(asked);
document.documentElement.dataset.ready = String(leaks.length);
