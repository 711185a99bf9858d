// The rancher's card: what is known before the visit, and the way into visit, boundary and edits.
import { go } from "./app.js";
import { PlainMap } from "./boundary_map.js";
import { setTitle } from "./frame.js";
import { _, fmt, ngettext } from "./i18n.js";
import { localIso, today, uuid7 } from "./ids.js";
import { stateBadge } from "./states.js";
import * as store from "./store.js";
import { button, empty, h, icon, note } from "./ui.js";
import { plotsOf } from "./visit_known.js";
import { figureLabel, GROUPS, stageLabel } from "./visit_words.js";

/** @typedef {import("./types.js").RancherInCare} RancherInCare */
/** @typedef {import("./types.js").Item} Item */

/** @param {HTMLElement} root @param {Record<string, string>} params @returns {Promise<import("./types.js").View | void>} */
export async function render(root, { id, hecha }) {
  const draw = async () => {
    const [reference, items, own] = await Promise.all([store.reference(), store.items(), store.item(id)]);
    const rancher = reference.ranchers.get(id);
    setTitle(rancher?.name || _("Rancher"), { back: "#/" });
    if (!rancher) {
      root.replaceChildren(empty("search", _("This rancher is not on the phone"), _("It comes with the next contact, if the rancher is in your districts."), h("a", { class: "button", href: "#/" }, _("Today"))));
      return;
    }
    const theirs = items.filter((one) => one.rancher === id);
    const parts = [
      hecha ? justFinished(theirs.find((one) => one.id === hecha)) : null,
      own?.kind === "rancher" ? registration(own) : null,
      ...start(rancher, theirs),
      facts(rancher),
      openSteps(rancher, reference, theirs),
      figures(rancher),
      stages(rancher, reference),
      plots(rancher, plotsOf({ reference, items, rancher: id }), theirs),
      sentVisits(rancher, reference, theirs),
    ];
    root.replaceChildren(...parts.filter((part) => part !== null));
  };
  const redraw = () => void draw();
  store.changes.addEventListener("change", redraw);
  await draw();
  return { leave: () => store.changes.removeEventListener("change", redraw) };
}

/** Begin a visit: a draft that is on the phone before the first figure. @param {RancherInCare} rancher @param {string[]} plots */
async function startVisit(rancher, plots) {
  const id = uuid7();
  const only = plots.length === 1 ? plots[0] : null; // the only plot needs no choosing
  const content = {
    schema: 1,
    rancher: rancher.id,
    plot: only,
    visited_on: today(),
    started_at: localIso(),
    position: null,
    notes: "",
    measurements: {},
    confirmed: [],
    observations: [],
    next_steps: [],
    deleted: false,
  };
  await store.save({ id, kind: "visit", rancher: rancher.id, content, state: "draft" });
  go(`#/visita/${id}`);
}

/** @param {Item | undefined} item */
function justFinished(item) {
  if (!item || item.state === "draft") return null;
  return note("success", h("p", null, h("strong", null, _("The visit is saved on the phone.")), " ", _("It is sent by itself when there is signal.")), stateBadge(item.state));
}

/** @param {Item} item */
function registration(item) {
  if (item.state === "received") return null;
  const open = item.state === "draft" || item.state === "rejected";
  return note(
    item.state === "rejected" ? "warning" : "info",
    h("p", null, item.state === "draft" ? _("This registration is not finished.") : _("Registered on this phone.")),
    stateBadge(item.state),
    item.reasons.length ? h("ul", { class: "reason-list" }, ...item.reasons.map((one) => h("li", null, one.message))) : null,
    open ? h("p", null, h("a", { class: "button", href: `#/ganadero-nuevo?id=${item.id}` }, icon("edit"), item.state === "draft" ? _("Finish the registration") : _("Correct it"))) : null,
  );
}

/** @param {RancherInCare} rancher @param {Item[]} theirs */
function start(rancher, theirs) {
  const drafts = theirs.filter((one) => one.kind === "visit" && (one.state === "draft" || one.state === "rejected"));
  const parts = drafts.map((one) =>
    h(
      "a",
      { class: "button button--wide", href: `#/visita/${one.id}` },
      icon(one.state === "rejected" ? "warning" : "edit"),
      one.state === "rejected" ? _("Mend the visit of {day}", { day: fmt.date(one.content.visited_on || one.saved_at) }) : _("Go on with the visit of {day}", { day: fmt.date(one.content.visited_on || one.saved_at) }),
    ),
  );
  const fresh = button(drafts.length ? _("Begin another visit") : _("Log a visit"), { icon: "clipboard", wide: true, kind: drafts.length ? "plain" : undefined });
  fresh.addEventListener("click", async () => {
    fresh.setAttribute("disabled", "");
    const reference = await store.reference();
    await startVisit(rancher, plotsOf({ reference, items: theirs, rancher: rancher.id }).map((plot) => plot.id));
  });
  return [h("div", { class: "actions actions--stacked" }, ...parts, fresh)];
}

/** @param {RancherInCare} rancher */
function facts(rancher) {
  const late = rancher.due_on && rancher.due_on <= today();
  /** @type {[string, Node | string][]} */
  const rows = [];
  if (rancher.community || rancher.district) rows.push([_("Place"), rancher.community || rancher.district]);
  if (rancher.phone) rows.push([_("Phone"), h("a", { class: "tap-link", href: `tel:${rancher.phone}` }, icon("phone"), " ", rancher.phone)]);
  rows.push([_("Last visit"), rancher.last_visit_on ? fmt.date(rancher.last_visit_on) : _("Not visited yet")]);
  if (rancher.due_on) rows.push([_("Next visit"), late ? _("Due since {day}", { day: fmt.date(rancher.due_on) }) : _("Due {day}", { day: fmt.date(rancher.due_on) })]);
  return h("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [h("dt", null, name), h("dd", null, value)]));
}

/** @param {RancherInCare} rancher @param {import("./types.js").Reference} reference @param {Item[]} theirs */
function openSteps(rancher, reference, theirs) {
  const done = new Set(theirs.filter((one) => one.kind === "step" && one.content.done_on).map((one) => one.id));
  const open = rancher.steps.filter((one) => !done.has(one.id));
  if (!open.length) return null;
  return h(
    "section",
    { class: "card" },
    h("h2", null, _("Agreed before")),
    h(
      "ul",
      { class: "plain-list" },
      ...open.map((step) => {
        const late = step.due_on && step.due_on < today();
        const due = step.due_on ? (late ? _("Due since {day}", { day: fmt.date(step.due_on) }) : _("Due {day}", { day: fmt.date(step.due_on) })) : "";
        const practice = step.practice ? (reference.practices.get(step.practice)?.name ?? "") : "";
        return h("li", null, h("strong", null, step.text), h("span", { class: "soft" }, [practice, due].filter(Boolean).join(" · ")));
      }),
    ),
  );
}

/** @param {RancherInCare} rancher */
function figures(rancher) {
  const known = Object.values(GROUPS).flat().filter((name) => rancher.last?.figures?.[name] !== undefined && rancher.last.figures[name] !== null);
  if (!known.length) return null;
  return h(
    "details",
    { class: "card" },
    h("summary", null, h("strong", null, _("Last figures"))),
    h(
      "dl",
      { class: "facts" },
      ...known.flatMap((name) => [
        h("dt", null, figureLabel(name)),
        h("dd", null, fmt.number(rancher.last.figures[name], 2), rancher.last.ages?.[name] ? h("span", { class: "soft" }, ` · ${fmt.date(rancher.last.ages[name])}`) : null),
      ]),
    ),
  );
}

/** @param {RancherInCare} rancher @param {import("./types.js").Reference} reference */
function stages(rancher, reference) {
  const known = Object.entries(rancher.stages ?? {});
  if (!known.length) return null;
  return h(
    "details",
    { class: "card" },
    h("summary", null, h("strong", null, ngettext("{n} practice known", "{n} practices known", known.length))),
    h(
      "ul",
      { class: "plain-list" },
      ...known.map(([code, { stage, since }]) =>
        h("li", null, h("strong", null, reference.practices.get(code)?.name ?? code), h("span", null, h("span", { class: `badge badge--${stage}` }, icon(stage), stageLabel(stage)), " ", h("span", { class: "soft" }, _("since {day}", { day: fmt.date(since) })))),
      ),
    ),
  );
}

/** @param {RancherInCare} rancher @param {ReturnType<typeof plotsOf>} known @param {Item[]} theirs */
function plots(rancher, known, theirs) {
  const walks = theirs.filter((one) => one.kind === "boundary" && (one.state === "draft" || one.state === "rejected"));
  const map = new PlainMap();
  map.draw({ label: _("Map of the plots"), plots: known.map((plot) => ({ rings: plot.rings, name: plot.name, kind: "own" })) });
  return h(
    "section",
    { class: "card" },
    h("h2", null, _("Plots")),
    known.some((plot) => plot.rings.length) ? map.element : null,
    h(
      "ul",
      { class: "plain-list" },
      ...known.map((plot) =>
        h(
          "li",
          { class: "with-action" },
          h("span", null, h("strong", null, plot.name || _("No name yet")), h("span", { class: "soft" }, plot.area_ha === null ? _("No outline yet") : _("{n} ha", { n: fmt.number(plot.area_ha, 1) }), plot.since ? ` · ${fmt.date(plot.since)}` : "")),
          h("a", { class: "button button--plain", href: `#/lindero/${rancher.id}/${plot.id}`, "aria-label": _("Walk the boundary of {plot}", { plot: plot.name }) }, icon("route"), _("Walk")),
        ),
      ),
    ),
    known.length ? null : h("p", { class: "hint" }, _("No plot is known. Walk its boundary with the phone in your hand.")),
    h(
      "div",
      { class: "actions actions--stacked" },
      ...walks.filter((one) => !known.some((plot) => plot.id === one.content.plot)).map((one) =>
        h("a", { class: "button", href: `#/lindero/${rancher.id}/${one.content.plot}` }, icon("route"), _("Go on walking {plot}", { plot: one.content.plot_name || _("the new plot") })),
      ),
      h("a", { class: "button button--plain button--wide", href: `#/lindero/${rancher.id}/nuevo` }, icon("plus"), _("Walk a new plot")),
    ),
  );
}

/** @param {RancherInCare} rancher @param {import("./types.js").Reference} reference @param {Item[]} theirs */
function sentVisits(rancher, reference, theirs) {
  const here = new Map(theirs.filter((one) => one.kind === "visit" && !["draft", "rejected"].includes(one.state)).map((one) => [one.id, one]));
  const rows = [...here.values()].map((one) => ({ id: one.id, day: one.content.visited_on ?? one.saved_at, state: one.state }));
  for (const one of reference.visits.values()) {
    if (one.rancher === rancher.id && !theirs.some((item) => item.id === one.id)) rows.push({ id: one.id, day: one.content.visited_on, state: "received" });
  }
  if (!rows.length) return null;
  rows.sort((a, b) => b.day.localeCompare(a.day));
  return h(
    "section",
    { class: "card" },
    h("h2", null, _("My visits of the last 60 days")),
    h("ul", { class: "sheet" }, ...rows.map((row) => h("li", null, h("a", { class: `line line--${row.state}`, href: `#/visita/${row.id}` }, h("strong", null, fmt.date(row.day)), stateBadge(row.state), icon("next"))))),
  );
}
