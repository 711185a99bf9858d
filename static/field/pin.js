// Asking for a PIN: one field that brings the digits, big enough for a thumb.
import { Refused, Unreachable } from "./api.js";
import { _ } from "./i18n.js";
import { button, h, note } from "./ui.js";
import { PIN_DIGITS } from "./vault.js";

const EASY = /^(\d)\1+$|^(012345|123456|234567|345678|456789|987654|876543|765432|654321|543210)$/;

/** @param {string} label @param {string} name @param {string} complete */
export function pinField(label, name, complete) {
  const input = h("input", {
    id: name,
    name,
    type: "password",
    inputmode: "numeric",
    autocomplete: complete,
    pattern: `\\d{${PIN_DIGITS}}`,
    maxlength: PIN_DIGITS,
    required: true,
    class: "pin",
    "aria-describedby": "pin-error",
  });
  return { input, field: h("div", { class: "field" }, h("label", { class: "field__label", for: name }, label), input) };
}

/** A place for what is wrong, read out when it changes. */
export function errorPlace() {
  const place = h("div", { id: "pin-error", "aria-live": "assertive" });
  return { place, say: (/** @type {string} */ text) => place.replaceChildren(...(text ? [note("error", h("p", null, text))] : [])) };
}

/**
 * A form for a new PIN, given twice. `take` does the work; what it raises is told in words.
 * @param {{explain: string, done: string, take: (pin: string) => Promise<void>}} what
 */
export function choosePin({ explain, done, take }) {
  const first = pinField(_("PIN of 6 digits"), "pin", "new-password");
  const second = pinField(_("The same PIN again"), "pin-again", "new-password");
  const { place, say } = errorPlace();
  const submit = button(done, { type: "submit", wide: true });
  return h(
    "form",
    {
      class: "form card",
      novalidate: true,
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        const pin = first.input.value;
        if (!new RegExp(`^\\d{${PIN_DIGITS}}$`).test(pin)) return wrong(first.input, _("The PIN has 6 digits."));
        if (EASY.test(pin)) return wrong(first.input, _("That PIN is easy to guess. Choose another one."));
        if (pin !== second.input.value) return wrong(second.input, _("The two PINs differ. Write the same one twice."));
        say("");
        submit.disabled = true;
        submit.textContent = _("One moment...");
        try {
          await take(pin);
        } catch (error) {
          say(inWords(error));
          submit.disabled = false;
          submit.textContent = done;
        }
      },
    },
    h("p", null, explain),
    first.field,
    second.field,
    place,
    submit,
  );

  /** @param {HTMLInputElement} input @param {string} text */
  function wrong(input, text) {
    say(text);
    input.focus();
  }
}

/** @param {unknown} error */
function inWords(error) {
  if (error instanceof Unreachable) return _("There is no signal. Nothing is lost: try again where there is.");
  if (error instanceof Refused) return _("The server did not accept it (answer {status}). Log in again and try once more.", { status: error.status });
  throw error;
}
