// The frame around every screen: title, way back, the state of sending, the three places below.
import { _, ngettext } from "./i18n.js";
import { add, h, icon } from "./ui.js";
import { unsent } from "./unsent.js";

const HERE = "page";

function parts() {
  const found = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  return { bar: found("bar"), view: found("view"), places: found("places") };
}

/** The element that a screen is drawn in. */
export function viewRoot() {
  return parts().view;
}

/** Draw the places of the app; `current` is the hash of the one shown. @param {string} current */
export function drawPlaces(current) {
  const places = [
    ["#/", "route", _("Today")],
    ["#/dia", "clipboard", _("My day")],
    ["#/ajustes", "phone", _("Phone")],
  ];
  parts().places.replaceChildren(
    h(
      "ul",
      null,
      ...places.map(([href, name, text]) => h("li", null, h("a", { href, "aria-current": href === current ? HERE : null }, icon(name), h("span", null, text)))),
    ),
  );
}

/** Say where we are. `back` is the hash to go back to. @param {string} text @param {{back?: string}} [options] */
export function setTitle(text, { back } = {}) {
  document.title = `${text} · Hato`;
  const { bar } = parts();
  const heading = h("h1", { id: "title", tabindex: "-1" }, text);
  bar.replaceChildren();
  add(bar, [
    back ? h("a", { class: "bar__back", href: back, "aria-label": _("Back") }, icon("prev")) : icon("mark"),
    heading,
    h("a", { class: "bar__state", id: "state", href: "#/dia" }),
  ]);
  void drawState();
}

/** Show how many items and photos wait on the phone, on every screen. */
export async function drawState() {
  const place = document.getElementById("state");
  if (!place) return;
  const { finished, photos } = await unsent();
  const waiting = finished + photos;
  const text = waiting ? ngettext("{n} on the phone", "{n} on the phone", waiting) : _("All sent");
  place.replaceChildren(icon(waiting ? "phone" : "check"), h("span", null, text));
  place.classList.toggle("bar__state--waiting", waiting > 0);
}

/** Only the title: before the first start and while locked there is nowhere to go. @param {boolean} alone */
export function standAlone(alone) {
  document.body.classList.toggle("alone", alone);
}
