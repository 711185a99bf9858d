// A new rancher, registered where the person is met; a visit can be logged at once.
import { go } from "./app.js";
import { setTitle } from "./frame.js";
import { _ } from "./i18n.js";
import { today, uuid7 } from "./ids.js";
import * as store from "./store.js";
import { button, confirm, h, icon, note, toast } from "./ui.js";
import { Draft, stateWords } from "./visit_draft.js";

const DNI = /^\d{8}$/;
const YOUNGEST = 14;
const OLDEST = 120;

/** @param {HTMLElement} root @param {Record<string, string>} params @returns {Promise<import("./types.js").View>} */
export async function render(root, { id: given }) {
  const [reference, item] = await Promise.all([store.reference(), given ? store.item(given) : null]);
  const id = item?.id ?? uuid7();
  setTitle(item && item.state !== "draft" ? _("Correct the registration") : _("New rancher"), { back: item ? `#/ganadero/${id}` : "#/" });
  const districts = reference.me?.districts ?? [];
  const blank = {
    schema: 1,
    given_names: "",
    surnames: "",
    dni: null,
    phone: "",
    sex: "",
    birth_year: null,
    community: "",
    district: districts.length === 1 ? districts[0].code : "",
    association: "",
    consent: { programme: false, ministry: false, how: "" },
    registered_on: today(),
  };
  const draft = new Draft({ id, kind: "rancher", rancher: id, content: item?.content ?? blank, item });
  const form = new RancherForm(draft, districts);
  // A draft that was begun stays in the address, so that it comes back after a crash.
  draft.addEventListener("change", () => {
    if (!given) history.replaceState(null, "", `#/ganadero-nuevo?id=${id}`);
  });
  document.body.classList.add("writing");
  root.append(form.element);
  form.draw();
  return {
    flush: () => draft.flush(),
    leave: () => document.body.classList.remove("writing"),
  };
}

class RancherForm {
  /** @type {Map<string, HTMLElement>} */
  #notes = new Map();
  #tried = false;

  /** @param {Draft} draft @param {{code: string, name: string}[]} districts */
  constructor(draft, districts) {
    this.draft = draft;
    this.#tried = draft.item?.state === "rejected";
    this.state = h("p", { class: "visit-state", role: "status" });
    draft.addEventListener("state", () => this.#drawState());
    draft.addEventListener("change", () => this.draw());
    this.element = h(
      "div",
      { class: "rancher-form" },
      this.state,
      this.#returned(),
      this.#text("given_names", _("Given names"), { autocapitalize: "words" }),
      this.#text("surnames", _("Surnames"), { autocapitalize: "words" }),
      this.#text("dni", _("DNI"), { inputmode: "numeric", maxlength: 8, optional: true, hint: _("Eight digits. Leave it empty if the card is not at hand.") }),
      this.#text("phone", _("Phone"), { inputmode: "tel", maxlength: 20, optional: true }),
      this.#choice("sex", _("Sex"), [["f", _("Woman")], ["m", _("Man")], ["", _("Not recorded")]]),
      this.#text("birth_year", _("Year of birth"), { inputmode: "numeric", maxlength: 4, optional: true }),
      this.#text("community", _("Community"), { optional: true, autocapitalize: "words" }),
      districts.length
        ? this.#choice("district", _("District"), districts.map((one) => [one.code, one.name]))
        : this.#text("district", _("District (ubigeo)"), { inputmode: "numeric", maxlength: 6 }),
      this.#text("association", _("Association"), { optional: true }),
      this.#consent(),
      button(_("Register"), { icon: "check", wide: true, onclick: () => void this.#finish() }),
      button(_("Throw it away"), { icon: "trash", kind: "plain", wide: true, onclick: () => void this.#discard() }),
    );
  }

  /** @param {string} name @param {(content: Record<string, any>) => void} mutate */
  #set(name, mutate) {
    this.draft.change((content) => {
      mutate(content);
      const mended = new Set(content.ui?.mended ?? []);
      content.ui = { mended: [...mended.add(name)] };
    });
  }

  /** @param {string} name @param {string} label @param {Record<string, any>} options */
  #text(name, label, { optional = false, hint = "", ...props }) {
    const id = `f-${name}`;
    const input = h("input", {
      id,
      autocomplete: "off",
      maxlength: 80,
      value: this.draft.content[name] ?? "",
      "aria-describedby": `n-${name}`,
      ...props,
      oninput: () => this.#set(name, (content) => (content[name] = input.value)),
    });
    return this.#field(name, h("label", { class: "field__label", for: id }, label, optional ? h("span", { class: "field__optional" }, ` ${_("(optional)")}`) : null), hint ? h("p", { class: "hint" }, hint) : null, input);
  }

  /** @param {string} name @param {string} label @param {string[][]} options */
  #choice(name, label, options) {
    const radios = options.map(([value, text]) =>
      h("label", { class: "stage" }, h("input", { type: "radio", name, value, checked: (this.draft.content[name] ?? "") === value, onchange: () => this.#set(name, (content) => (content[name] = value)) }), text),
    );
    const place = h("div", { class: "answer-notes", id: `n-${name}`, "aria-live": "polite" });
    this.#notes.set(name, place);
    return h("fieldset", { class: "stages", id: `s-${name}` }, h("legend", { class: "field__label" }, label), ...radios, place);
  }

  /** @param {string} name @param {...(Node | null)} parts */
  #field(name, ...parts) {
    const place = h("div", { class: "answer-notes", id: `n-${name}`, "aria-live": "polite" });
    this.#notes.set(name, place);
    return h("div", { class: "field", id: `s-${name}` }, ...parts, place);
  }

  #consent() {
    const { consent = {} } = this.draft.content;
    /** @param {string} name @param {string} text */
    const tick = (name, text) => {
      const box = h("input", {
        type: "checkbox",
        checked: Boolean(consent[name]),
        onchange: () => this.#set("consent", (content) => (content.consent = { ...content.consent, [name]: box.checked })),
      });
      return h("label", { class: "tick" }, box, h("span", null, text));
    };
    const how = [_("By word"), _("Signed the sheet"), _("Fingerprint on the sheet")].map((text) =>
      h("label", { class: "stage" }, h("input", { type: "radio", name: "how", value: text, checked: consent.how === text, onchange: () => this.#set("consent", (content) => (content.consent = { ...content.consent, how: text })) }), text),
    );
    const place = h("div", { class: "answer-notes", id: "n-consent", "aria-live": "polite" });
    this.#notes.set("consent", place);
    return h(
      "section",
      { class: "card consent", id: "s-consent" },
      h("h2", null, _("Consent")),
      h("p", null, _("Read this aloud: “We write down your name, your land and what happens on your farm, to help you and to see whether the programme works. Nobody sells it. You can say no to any part, and you can change your mind any day.”")),
      tick("programme", _("Agrees that the programme keeps these data")),
      tick("ministry", _("Agrees that the ministry sees the land on its map, without the name")),
      h("fieldset", { class: "stages" }, h("legend", { class: "field__label" }, _("How it was given")), ...how),
      place,
    );
  }

  #returned() {
    const reasons = this.draft.item?.reasons ?? [];
    if (!reasons.length) return null;
    return note("warning", h("p", null, h("strong", null, _("The server sent this registration back.")), " ", _("Nothing of what you wrote is lost.")), h("ul", { class: "reason-list" }, ...reasons.map((one) => h("li", null, one.message))));
  }

  /** What is wrong, by field. @returns {[string, string][]} */
  #wrong() {
    const { content, item } = this.draft;
    /** @type {[string, string][]} */
    const found = [];
    for (const name of ["given_names", "surnames"]) if (!/\p{L}/u.test(content[name] ?? "")) found.push([name, _("Write the name.")]);
    const dni = String(content.dni ?? "").replace(/[\s.]/g, "");
    if (dni && !DNI.test(dni)) found.push(["dni", _("A DNI has eight digits.")]);
    const phone = String(content.phone ?? "").replace(/[\s-]/g, "");
    if (phone && !/^\+?\d{6,15}$/.test(phone)) found.push(["phone", _("Write the phone with digits only, for instance 982 123 456.")]);
    const year = String(content.birth_year ?? "").trim();
    const now = Number(today().slice(0, 4));
    if (year && !(/^\d{4}$/.test(year) && now - Number(year) >= YOUNGEST && now - Number(year) <= OLDEST)) found.push(["birth_year", _("Write the year with four digits, for instance 1975.")]);
    if (!content.district) found.push(["district", _("Choose the district.")]);
    const { programme, ministry, how } = content.consent ?? {};
    if (!programme) found.push(["consent", _("Without the first consent the programme may not keep these data: throw the registration away.")]);
    else if ((programme || ministry) && !how) found.push(["consent", _("Say how the consent was given.")]);
    const mended = new Set(content.ui?.mended ?? []);
    for (const { field, message } of item?.reasons ?? []) if (!mended.has(field.split(".")[0])) found.push([field.split(".")[0], message]);
    return found;
  }

  draw() {
    this.#drawState();
    const wrong = this.#tried ? this.#wrong() : [];
    for (const [name, place] of this.#notes) {
      const texts = wrong.filter(([field]) => field === name).map(([, text]) => text);
      if (place.dataset.shown === texts.join()) continue;
      place.dataset.shown = texts.join();
      place.replaceChildren(...texts.map((text) => h("p", { class: "answer-wrong" }, icon("error"), h("span", null, text))));
      const input = document.getElementById(`f-${name}`);
      if (texts.length) input?.setAttribute("aria-invalid", "true");
      else input?.removeAttribute("aria-invalid");
    }
  }

  #drawState() {
    const [name, words] = stateWords(this.draft);
    this.state.replaceChildren(icon(name), h("span", null, words));
  }

  async #finish() {
    this.#tried = true;
    this.draw();
    const [first] = this.#wrong();
    if (first) {
      const place = document.getElementById(`s-${first[0]}`);
      place?.scrollIntoView({ block: "center" });
      /** @type {HTMLElement | null} */ (place?.querySelector("input"))?.focus({ preventScroll: true });
      toast(_("Correct this first; nothing is lost."), { kind: "error" });
      return;
    }
    const { ui: _ui, ...content } = structuredClone(this.draft.content);
    for (const name of ["given_names", "surnames", "community", "association", "phone"]) content[name] = String(content[name] ?? "").trim();
    content.dni = String(content.dni ?? "").replace(/[\s.]/g, "") || null;
    content.birth_year = Number(content.birth_year) || null;
    await this.draft.finish(content);
    toast(_("Registered. It is sent by itself when there is signal."));
    go(`#/ganadero/${this.draft.id}`);
  }

  async #discard() {
    const sure = await confirm({ title: _("Throw this registration away?"), text: _("What you wrote about this person goes."), yes: _("Throw it away"), no: _("Keep writing"), danger: true });
    if (!sure) return;
    const { id, kind, rancher, content, state } = this.draft;
    await this.draft.discard();
    go("#/");
    if (state === "untouched") return;
    toast(_("The registration is gone."), { undo: () => void store.save({ id, kind, rancher, content, state: "draft" }).then(() => go(`#/ganadero-nuevo?id=${id}`)) });
  }
}
