// The first screen: whom to visit, what is due; and how much waits on the phone.
import { setTitle } from "./frame.js";
import { _, fmt, ngettext } from "./i18n.js";
import { today } from "./ids.js";
import { changes, rows } from "./items.js";
import { packageState, reference } from "./reference.js";
import { reminders } from "./reminders.js";
import { syncNow } from "./sync.js";
import { button, empty, h, icon } from "./ui.js";
import { unsent } from "./unsent.js";

/** @typedef {import("./types.js").RancherInCare} RancherInCare */
const SHOWN = 40;

/** @param {HTMLElement} root @returns {Promise<import("./types.js").View>} */
export async function render(root) {
  setTitle(_("Today"));
  const counters = h("a", { class: "counters", href: "#/dia" });
  const notes = h("div", null);
  const search = h("input", { type: "search", id: "search", autocomplete: "off", placeholder: _("Name or community"), "aria-label": _("Look for a rancher"), oninput: () => void list() });
  const found = h("div", { "aria-live": "polite" });
  root.append(
    counters,
    notes,
    h("div", { class: "search" }, icon("search"), search),
    found,
    h("p", { class: "after" }, h("a", { class: "button button--plain button--wide", href: "#/ganadero-nuevo" }, icon("plus"), _("Register a new rancher"))),
  );
  const redraw = async () => {
    counters.replaceChildren(...(await counted()));
    notes.replaceChildren(...(await reminders()));
  };
  const list = async () => {
    found.replaceChildren(...(await listed(search.value)));
  };
  const onChange = (/** @type {Event} */ event) => {
    const { what, kind } = /** @type {CustomEvent} */ (event).detail;
    void redraw();
    if (what === "reference" || kind === "rancher") void list();
  };
  changes.addEventListener("change", onChange);
  await Promise.all([redraw(), list()]);
  return { leave: () => changes.removeEventListener("change", onChange) };
}

/** '3 on the phone', '12 received', '1 draft': what is not nought, in big figures. */
async function counted() {
  const all = await rows();
  const count = (/** @type {string[]} */ ...states) => all.filter((row) => states.includes(row.state)).length;
  const { finished: waiting, photos, drafts } = await unsent();
  const received = count("received", "conflict", "quarantined", "held");
  const figure = (/** @type {number} */ n, /** @type {string} */ text, /** @type {string} */ kind) =>
    h("span", { class: `counter counter--${kind}` }, h("strong", null, fmt.number(n)), ` ${text}`);
  return [
    figure(waiting, _("on the phone"), waiting ? "waiting" : "none"),
    photos ? figure(photos, ngettext("photo to be sent", "photos to be sent", photos), "waiting") : "",
    figure(received, ngettext("received", "received", received), "received"),
    drafts ? figure(drafts, ngettext("draft", "drafts", drafts), "draft") : "",
  ];
}

/** @param {string} text without accents, in small letters */
function plain(text) {
  return text.normalize("NFD").replace(/\p{Diacritic}/gu, "").toLowerCase();
}

/** Overdue first, then by the day that is due, then who was never visited, then the longest ago. @param {RancherInCare} one */
function rank(one) {
  if (one.due_on) return `0 ${one.due_on}`;
  return one.last_visit_on ? `2 ${one.last_visit_on}` : "1";
}

/** @param {string} text */
async function listed(text) {
  const { ranchers } = await reference();
  const drafts = new Map((await rows()).filter((row) => row.state === "draft" && row.kind === "visit").map((row) => [row.rancher, row]));
  if (!ranchers.size) return [await nobody()];
  const words = plain(text).split(/\s+/).filter(Boolean);
  const matches = [...ranchers.values()]
    .filter((one) => words.every((word) => plain(`${one.name} ${one.community}`).includes(word)))
    .sort((a, b) => Number(drafts.has(b.id)) - Number(drafts.has(a.id)) || rank(a).localeCompare(rank(b)) || a.name.localeCompare(b.name));
  if (!matches.length) return [empty("search", _("Nobody found"), _("Write another part of the name, or register a new rancher below."))];
  const more = matches.length - SHOWN;
  return [
    h("ul", { class: "people" }, ...matches.slice(0, SHOWN).map((one) => h("li", null, card(one, drafts.has(one.id))))),
    more > 0 ? h("p", { class: "soft after" }, ngettext("And {n} more: write a name above.", "And {n} more: write a name above.", more)) : "",
  ];
}

/** @param {RancherInCare} one @param {boolean} draft */
function card(one, draft) {
  const late = one.due_on && one.due_on <= today();
  const when = one.last_visit_on ? _("Last visit: {day}", { day: fmt.date(one.last_visit_on) }) : _("Not visited yet");
  return h(
    "a",
    { class: "person", href: `#/ganadero/${one.id}` },
    h("strong", null, one.name),
    h("span", { class: "soft" }, [one.community, when].filter(Boolean).join(" · ")),
    draft ? h("span", { class: "badge badge--planned" }, icon("edit"), _("Draft of a visit")) : null,
    one.due_on ? h("span", { class: `badge badge--${late ? "warning" : "info"}` }, icon("calendar"), late ? _("Due since {day}", { day: fmt.date(one.due_on) }) : _("Due {day}", { day: fmt.date(one.due_on) })) : null,
    one.local ? h("span", { class: "badge badge--info" }, icon("phone"), _("Registered here")) : null,
    icon("next"),
  );
}

async function nobody() {
  const came = await packageState();
  return came
    ? empty("people", _("No ranchers yet"), _("The coordinator gives you districts and ranchers. You can also register a new one."))
    : empty("download", _("The ranchers have not come yet"), _("They come when there is signal."), button(_("Fetch now"), { icon: "sync", onclick: () => void syncNow({ fresh: true }) }));
}
