// The day sheet: every item with its true state, the receipt's number, its photos.
import { setTitle } from "./frame.js";
import { _, fmt, ngettext } from "./i18n.js";
import { changes, items } from "./items.js";
import { photos } from "./pictures.js";
import { reference } from "./reference.js";
import { stateAdvice, stateBadge } from "./states.js";
import { status, statusChanges, syncNow } from "./sync.js";
import { button, empty, h, icon } from "./ui.js";

/** @typedef {import("./types.js").Item} Item */
const FIRST = ["rejected", "draft", "queued", "sending", "conflict", "quarantined", "held"];
const SHOWN_RECEIVED = 50;

/** @param {HTMLElement} root @returns {Promise<import("./types.js").View>} */
export async function render(root) {
  setTitle(_("My day"));
  const sending = h("div", { class: "sending", role: "status" });
  const list = h("div", null);
  root.append(sending, list);
  const drawSending = () => sending.replaceChildren(h("p", null, ...sendingWords()), button(_("Send now"), { icon: "sync", wide: true, disabled: status.phase === "running", onclick: () => void syncNow({ fresh: true }) }));
  let drawing = Promise.resolve();
  const redraw = () => {
    drawing = drawing.then(async () => list.replaceChildren(...(await sheet())));
    return drawing;
  };
  const onChange = () => void redraw();
  changes.addEventListener("change", onChange);
  statusChanges.addEventListener("change", drawSending);
  drawSending();
  await redraw();
  return {
    leave() {
      changes.removeEventListener("change", onChange);
      statusChanges.removeEventListener("change", drawSending);
    },
  };
}

function sendingWords() {
  switch (status.phase) {
    case "running":
      return [icon("sync"), _("Talking to the server...")];
    case "waiting":
      return [icon("warning"), status.retry_at ? _("No connection. Trying again by itself at {time}.", { time: fmt.time(new Date(status.retry_at).toISOString()) }) : _("No connection.")];
    case "update":
      return [icon("download"), _("This version of Hato is too old for the server. What you finish is still sent; change to the new version under Phone.")];
    case "login":
      return [icon("lock"), _("The server no longer knows this phone. Log in again; what is saved stays.")];
    default:
      return [icon("check"), _("Nothing is being sent. What you finish is sent by itself.")];
  }
}

async function sheet() {
  const [all, known, pictures] = await Promise.all([items(), reference(), photos()]);
  if (!all.length) return [empty("clipboard", _("Nothing logged yet"), _("Choose a rancher and log the visit: it appears here, with its state."), h("a", { class: "button", href: "#/" }, _("Choose a rancher")))];
  const newest = all.sort((a, b) => b.saved_at.localeCompare(a.saved_at));
  const open = newest.filter((one) => FIRST.includes(one.state)).sort((a, b) => FIRST.indexOf(a.state) - FIRST.indexOf(b.state));
  const received = newest.filter((one) => one.state === "received");
  const entry = (/** @type {Item} */ one) => h("li", null, line(one, known.ranchers.get(one.rancher)?.name ?? "", pictures.filter((photo) => photo.visit === one.id)));
  const parts = [];
  if (open.length) parts.push(h("h2", null, _("Still open")), h("ul", { class: "sheet" }, ...open.map(entry)));
  if (received.length) parts.push(h("h2", null, _("Received")), h("ul", { class: "sheet" }, ...received.slice(0, SHOWN_RECEIVED).map(entry)));
  if (received.length > SHOWN_RECEIVED) parts.push(h("p", { class: "soft" }, ngettext("And {n} earlier one.", "And {n} earlier ones.", received.length - SHOWN_RECEIVED)));
  return parts;
}

/** @param {Item} one */
function hrefOf(one) {
  if (one.kind === "rancher" || one.kind === "step") return `#/ganadero/${one.rancher}`;
  if (one.kind === "boundary") return `#/lindero/${one.rancher}/${one.content.plot ?? "nuevo"}`;
  return `#/visita/${one.id}`;
}

/** @param {Item} one @param {string} name @param {import("./types.js").Photo[]} pictures */
function line(one, name, pictures) {
  const kinds = { visit: _("Visit"), rancher: _("New rancher"), boundary: _("Boundary"), step: _("Next step done") };
  const when = one.content.visited_on ?? one.content.walked_on ?? one.content.registered_on ?? one.saved_at;
  const arrived = pictures.filter((photo) => photo.state === "received").length;
  const advice = stateAdvice(one.state);
  return h(
    "a",
    { class: `line line--${one.state}`, href: hrefOf(one), dataset: { item: one.id, state: one.state } },
    h("strong", null, name || _("No name yet")),
    h("span", { class: "soft" }, `${kinds[one.kind]} · ${fmt.date(when)}`),
    stateBadge(one.state),
    one.receipt ? h("span", { class: "soft" }, _("Receipt {number}", { number: one.receipt.number }), ` · ${fmt.instant(one.receipt.at)}`) : null,
    pictures.length ? h("span", { class: "soft" }, icon("photo"), ngettext("{arrived} of {n} photo sent", "{arrived} of {n} photos sent", pictures.length, { arrived })) : null,
    ...pictures.filter((photo) => photo.state === "refused").map((photo) => h("span", null, _("A photo was not taken: {reason}", { reason: photo.reason ?? "" }))),
    advice ? h("span", null, advice) : null,
    one.reasons.length && one.state !== "received" ? h("ul", null, ...one.reasons.map((reason) => h("li", null, reason.message))) : null,
    icon("next"),
  );
}
