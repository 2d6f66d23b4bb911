// The summary, the charts and the timeline. Each part of a chart that stands for leaks is a button that filters.

const SVG = "http://www.w3.org/2000/svg";

function draw(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function summary() {
  const files = new Set(open.map((leak) => leak.label)).size;
  const inHead = open.filter((leak) => leak.state === "head").length;
  const longest = Math.max(...open.map((leak) => leak.exposure).filter(Number.isFinite), -1);
  const words = [];
  if (open.length) words.push(`In ${many(files, "file", "files")}.`);
  if (dated && open.length) words.push(`${number.format(inHead)} still in HEAD, ${number.format(open.length - inHead)} only in history, where they can be read all the same.`);
  const age = scanned - Math.min(...open.map((leak) => leak.since).filter(Number.isFinite));
  if (Number.isFinite(age) && age >= DAY) words.push(`The oldest came in ${span(age)} before this scan.`);
  if (longest >= DAY) words.push(`The longest exposure is ${span(longest)}.`);
  const commits = scan.commits ? ` of ${many(scan.commits, "commit", "commits")}` : "";
  if (!open.length) words.push(`${many(scan.blobs, "blob", "blobs")}${commits} were read.`);
  $("lead").textContent = words.join(" ");
  const when = Number.isFinite(scanned) ? `, ${day(scanned)}` : "";
  $("about").textContent = visible(`${scan.mode}: ${scan.target}${when}`);
  const faults = scan.skipped.filter((skip) => ["unreadable", "missing", "corrupt"].includes(skip.reason)).length;
  if (scan.skipped.length) {
    $("incomplete").hidden = false;
    $("incomplete").textContent = `Not everything was read: ${many(scan.skipped.length, "input", "inputs")} left out`
      + (faults ? `, ${number.format(faults)} of them because of errors.` : " because of limits by design.") + " They are listed at the end.";
    $("incomplete").classList.toggle("warn", faults > 0);
  }
  const figures = SEVERITIES.map((severity) => [severity, severity, open.filter((leak) => leak.severity === severity).length, { severity }]);
  if (dated) {
    figures.push(["", STATES.head, inHead, { state: "head" }], ["", STATES.gone, open.length - inHead, { state: "gone" }]);
  }
  for (const [kind, name, count, change] of figures) {
    const label = make("span", {}, kind && make("span", { class: `dot ${kind}`, "aria-hidden": "true" }), name);
    const button = make("button", { type: "button", class: "figure", onclick: () => choose(change, true) },
      make("b", {}, number.format(count)), label);
    button.change = change;
    $("figures").append(button);
  }
}

function rotate() {
  if (!open.length) return;
  $("first").hidden = false;
  const urgent = [...open].sort((a, b) => KEYS.rank(a) - KEYS.rank(b));
  const places = new Map();
  for (const leak of urgent) {
    const key = leak.rule.provider + "\n" + (leak.rule.revoke || "");
    const place = places.get(key) || places.set(key, { leak, count: 0 }).get(key);
    place.count += 1;
  }
  const list = [...places.values()];
  for (const { leak, count } of list.slice(0, 12)) {
    const name = visible(leak.rule.provider);
    const link = leak.rule.revoke
      ? make("a", { href: leak.rule.revoke, target: "_blank", rel: "noopener noreferrer" }, name)
      : make("span", {}, `${name}: where it is used`);
    $("rotate").append(make("li", {},
      make("span", { class: `dot ${leak.severity}`, role: "img", "aria-label": leak.severity }),
      make("span", { class: "name" }, link), make("span", { class: "n" }, number.format(count))));
  }
  if (list.length > 12) {
    $("rotate").after(make("p", { class: "hint" }, `and ${many(list.length - 12, "further place", "further places")}; each leak below names its own.`));
  }
}

function providers() {
  const counts = tally(open, (leak) => leak.rule.provider);
  const most = counts.length ? counts[0][1] : 1;
  for (const [provider, count] of counts.slice(0, 10)) {
    const stack = make("span", { class: "stack", "aria-hidden": "true" });
    for (const severity of SEVERITIES) {
      const part = open.filter((leak) => leak.rule.provider === provider && leak.severity === severity).length;
      if (part) {
        const piece = make("i", { class: severity });
        piece.style.width = `${(part / most) * 100}%`;
        stack.append(piece);
      }
    }
    const button = make("button", { type: "button", class: "bar", onclick: () => choose({ provider }, true), title: visible(provider) },
      make("span", { class: "name" }, visible(provider)), stack, make("span", { class: "n" }, number.format(count)));
    button.change = { provider };
    $("providers").append(make("li", {}, button));
  }
  if (counts.length > 10) {
    const rest = counts.slice(10).reduce((sum, [, count]) => sum + count, 0);
    $("providers").append(make("li", { class: "hint" }, `and ${number.format(rest)} of ${many(counts.length - 10, "further provider", "further providers")}`));
  }
}

function matrix() {
  const head = make("tr", {}, make("td", {}), ...CONFIDENCES.map((name) => make("th", { scope: "col" }, name)));
  const body = SEVERITIES.map((severity) => make("tr", {}, make("th", { scope: "row" }, severity), ...CONFIDENCES.map((confidence) => {
    const count = open.filter((leak) => leak.severity === severity && leak.confidence === confidence).length;
    if (!count) return make("td", { class: "none" }, "0");
    const button = make("button", { type: "button", "aria-label": `${count} ${severity}, ${confidence}`, onclick: () => choose({ severity, confidence }, true) }, number.format(count));
    button.change = { severity, confidence };
    return make("td", { class: severity }, button);
  })));
  $("matrix").append(make("table", { class: "matrix" }, make("thead", {}, head), make("tbody", {}, ...body)));
}

/** Equal stretches of time that cover all leaks, at most about sixty. */
function stretches(from, to) {
  const least = Math.max(to - from, DAY) / 60;
  const step = [1, 7, 30.4375, 91.3125, 182.625, 365.25].map((n) => n * DAY).find((n) => n >= least) || least;
  const list = [];
  for (let at = from; at <= to; at += step) list.push({ at, end: at + step, came: [0, 0, 0, 0], went: 0, held: 0 });
  return { step, list };
}

function timeline() {
  const known = open.filter((leak) => Number.isFinite(leak.since));
  $("no-time").hidden = timed || !open.length;
  if (!known.length) return;
  $("time").hidden = false;
  const gone = known.some((leak) => Number.isFinite(leak.removed));
  const from = Math.min(...known.map((leak) => leak.since));
  const to = Math.max(...known.map((leak) => leak.since), ...known.map((leak) => leak.removed).filter(Number.isFinite), Number.isFinite(scanned) ? scanned : 0);
  const { step, list } = stretches(from, to);
  const at = (time) => Math.min(list.length - 1, Math.floor((time - from) / step));
  for (const leak of known) {
    list[at(leak.since)].came[leak.rank] += 1;
    if (Number.isFinite(leak.removed)) list[at(leak.removed)].went += 1;
  }
  let held = 0;
  for (const one of list) {
    held += one.came.reduce((sum, n) => sum + n, 0) - one.went;
    one.held = held;
  }
  chart(list, { from, to, gone });
  $("time-hint").textContent = gone
    ? "Bars: leaks that came in, and below them those that were taken out. Line: how many stood in the files at the time. What was taken out can still be read in history."
    : "Bars: leaks by the time they came in. Line: how many there were by then. None of them leaves history when a line is deleted.";
  const keys = SEVERITIES.filter((_, rank) => list.some((one) => one.came[rank])).map((name) => [name, name]);
  if (gone) keys.push(["removed", "taken out"]);
  keys.push(["held", gone ? "held at the time" : "all by then"]);
  for (const [kind, name] of keys) $("time-legend").append(make("span", {}, make("i", { class: `key ${kind}`, "aria-hidden": "true" }), name));
  lives(known, from, to);
}

function chart(list, { from, to, gone }) {
  const [width, height, left, right, top, base] = [1040, 240, 40, 44, 10, gone ? 168 : 208];
  const sum = (one) => one.came.reduce((total, n) => total + n, 0);
  const most = Math.max(...list.map(sum), gone ? Math.max(...list.map((one) => one.went)) : 0, 1);
  const peak = Math.max(...list.map((one) => one.held), 1);
  const x = (index) => left + (index / list.length) * (width - left - right);
  const up = (n) => (n / most) * (base - top);
  const total = list.reduce((all, one) => all + sum(one), 0);
  const picture = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `${many(total, "leak", "leaks")} came in between ${day(from)} and ${day(to)}; at most ${number.format(most)} in one of ${list.length} stretches of time.` });
  for (const part of [0.5, 1]) picture.append(draw("line", { class: "grid", x1: left, x2: width - right, y1: base - up(most * part), y2: base - up(most * part) }));
  const label = (attributes, words) => { const text = draw("text", attributes); text.textContent = words; picture.append(text); };
  label({ x: left - 8, y: top + 4, "text-anchor": "end" }, number.format(most));
  label({ x: width - right + 8, y: top + 4 }, number.format(peak));
  const room = (width - left - right) / list.length;
  const line = list.map((one, index) => `${x(index) + room / 2},${base - (one.held / peak) * (base - top)}`);
  picture.append(draw("polygon", { class: "held-area", points: `${x(0) + room / 2},${base} ${line.join(" ")} ${x(list.length) - room / 2},${base}` }));
  list.forEach((one, index) => {
    let y = base;
    const group = draw("g", {}, draw("title", {}));
    group.firstChild.textContent = `from ${day(one.at)}: ${sum(one)} came in${gone ? `, ${one.went} taken out` : ""}; ${one.held} ${gone ? "held" : "by then"}`;
    const bar = Math.max(1, Math.min(room - 2, 22));
    one.came.forEach((n, rank) => {
      if (!n) return;
      y -= up(n);
      group.append(draw("rect", { class: SEVERITIES[rank], x: x(index) + (room - bar) / 2, y, width: bar, height: Math.max(1, up(n)), rx: 1 }));
    });
    if (one.went) group.append(draw("rect", { class: "removed", x: x(index) + (room - bar) / 2, y: base + 1, width: bar, height: Math.max(1, (one.went / most) * 40), rx: 1 }));
    picture.append(group);
  });
  picture.append(draw("polyline", { class: "held", points: line.join(" ") }), draw("line", { class: "axis", x1: left, x2: width - right, y1: base + 0.5, y2: base + 0.5 }));
  const ticks = Math.min(5, list.length);
  for (let tick = 0; tick < ticks; tick += 1) {
    const index = ticks === 1 ? 0 : Math.round((tick * (list.length - 1)) / (ticks - 1));
    const anchor = tick === 0 ? "start" : tick === ticks - 1 ? "end" : "middle";
    label({ x: x(index) + (anchor === "start" ? 0 : anchor === "end" ? room : room / 2), y: height - 8, "text-anchor": anchor }, day(list[index].at));
  }
  $("time-chart").append(picture);
}

/** The leaks that were exposed longest, each as a bar from its beginning to its end. */
function lives(known, from, to) {
  const ends = (leak) => Number.isFinite(leak.end);
  const shown = [...known].sort((a, b) => ends(b) - ends(a) || b.exposure - a.exposure || KEYS.rank(a) - KEYS.rank(b)).slice(0, 12);
  const whole = Math.max(to - from, 1);
  for (const leak of shown) {
    const end = Number.isFinite(leak.end) ? leak.end : to;
    const kind = Number.isFinite(leak.removed) ? "" : leak.state === "gone" ? "unknown" : "open";
    const bar = make("span", { class: `span ${leak.severity} ${kind}` });
    bar.style.left = `${((leak.since - from) / whole) * 100}%`;
    bar.style.width = `${((end - leak.since) / whole) * 100}%`;
    const length = kind === "unknown" ? "end unknown" : span(leak.exposure);
    $("lives").append(make("button", { type: "button", class: "life", onclick: () => show(leak),
      "aria-label": `${visible(leak.rule.name)} in ${visible(leak.label)}: from ${day(leak.since)}, ${length}${kind === "open" ? ", still there" : ""}` },
      make("span", { class: "what" }, visible(leak.rule.name), " ", make("span", { class: "under hint" }, visible(leak.label))),
      make("span", { class: "track", "aria-hidden": "true" }, bar), make("span", { class: "for" }, length)));
  }
}
