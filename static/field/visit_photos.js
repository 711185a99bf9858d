// Photos of a visit: taken or chosen, of a practice or of the farm, removed with a way back.
import { _, ngettext } from "./i18n.js";
import { drawThumbnail, scaled } from "./photo.js";
import * as store from "./store.js";
import { button, h, icon, toast } from "./ui.js";

/** @typedef {import("./visit_form.js").Form} Form */
/** @typedef {import("./types.js").Photo} Photo */
const MOST = 12;
const THUMBNAIL_PX = 300;

/** @param {string} visit */
export async function photoCount(visit) {
  return (await store.photosOf(visit)).length;
}

/** @param {Form} form */
export async function drawPhotos(form) {
  const list = h("ul", { class: "shots" });
  const said = h("p", { class: "hint", role: "status" });
  const redraw = async () => {
    const photos = await store.photosOf(form.draft.id);
    list.replaceChildren(...(await Promise.all(photos.map((photo) => shot(form, photo, redraw)))));
  };
  const practice = h(
    "select",
    { id: "f-photo-practice" },
    h("option", { value: "" }, _("The farm in general")),
    ...[...form.reference.practices.values()].map((one) => h("option", { value: one.code }, one.name)),
  );
  /** @param {HTMLInputElement} input */
  const take = async (input) => {
    const files = [...(input.files ?? [])];
    input.value = "";
    const room = MOST - (await photoCount(form.draft.id));
    if (files.length > room) toast(_("A visit has at most {n} photos.", { n: MOST }), { kind: "error" });
    for (const [n, file] of files.slice(0, Math.max(0, room)).entries()) {
      said.textContent = files.length > 1 ? _("Saving photo {n}…", { n: n + 1 }) : _("Saving the photo…");
      await keep(form, file, practice.value || null);
    }
    said.textContent = "";
    await redraw();
  };
  const camera = picker(_("Take a photo"), "photo", { capture: "environment" }, take);
  const gallery = picker(_("Choose from the gallery"), "upload", { multiple: true }, take);
  await redraw();
  return h(
    "div",
    null,
    h("p", { class: "hint" }, _("Up to {n}. The phone makes them small; the place stored inside a photo is removed.", { n: MOST })),
    h("div", { class: "field" }, h("label", { class: "field__label", for: "f-photo-practice" }, _("What the photo shows")), practice),
    h("div", { class: "pickers" }, camera, gallery),
    said,
    list,
    form.notes("photos"),
  );
}

/** @param {string} text @param {string} name @param {Record<string, any>} props @param {(input: HTMLInputElement) => void} take */
function picker(text, name, props, take) {
  const input = h("input", { type: "file", accept: "image/*", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true", ...props, onchange: () => take(input) });
  return h("div", null, button(text, { icon: name, wide: true, kind: name === "photo" ? undefined : "plain", onclick: () => input.click() }), input);
}

/** @param {Form} form @param {Blob} file @param {string | null} practice */
async function keep(form, file, practice) {
  let blob;
  try {
    blob = await scaled(file);
  } catch {
    return toast(_("This file is not a photo that the phone can read."), { kind: "error" });
  }
  try {
    await store.addPhoto({ visit: form.draft.id, practice, blob });
    form.draft.touch(); // the photo belongs to a draft that is there
  } catch (error) {
    if (!(error instanceof store.Full)) throw error;
    return toast(_("The phone is full: the photo was not kept. The visit itself is saved. Send what waits, or free some space."), { kind: "error" });
  }
}

/** @param {Form} form @param {Photo} photo @param {() => Promise<void>} redraw */
async function shot(form, photo, redraw) {
  const name = photo.practice ? (form.reference.practices.get(photo.practice)?.name ?? photo.practice) : _("The farm in general");
  const blob = photo.kept ? await store.photoBlob(photo.id) : null;
  const canvas = h("canvas", { class: "shot__picture", role: "img", "aria-label": _("Photo: {what}", { what: name }) });
  if (blob) await drawThumbnail(blob, canvas, THUMBNAIL_PX).catch(() => undefined);
  const remove = async () => {
    await store.removePhoto(photo.id);
    await redraw();
    toast(_("The photo is gone."), {
      undo: () => {
        if (blob) void store.addPhoto({ visit: photo.visit, practice: photo.practice, blob }).then(redraw);
      },
    });
  };
  return h(
    "li",
    { class: "shot" },
    canvas,
    h("span", { class: "shot__name" }, name),
    photo.state === "received"
      ? h("span", { class: "soft" }, icon("check"), " ", _("Received"))
      : h("button", { type: "button", class: "link-button", "aria-label": _("Remove the photo: {what}", { what: name }), onclick: () => void remove() }, icon("trash"), " ", _("Remove")),
  );
}

/** @param {number} n */
export const photoWords = (n) => ngettext("{n} photo", "{n} photos", n);
