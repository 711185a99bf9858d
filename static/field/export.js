// The last resort: everything that is not sent, in a file that the coordinator imports.
import { device } from "./api.js";
import { base64, localIso } from "./ids.js";
import { envelope, items } from "./items.js";
import { photoBytes, photos } from "./pictures.js";
import { h } from "./ui.js";
import { appVersion } from "./version.js";

const UNSENT = new Set(["draft", "queued", "sending", "rejected"]);

/** Save the file; false when there is nothing that is not sent. */
export async function saveUnsent() {
  const file = await unsentFile();
  if (!file) return false;
  const url = URL.createObjectURL(file);
  h("a", { href: url, download: `hato-${localIso().slice(0, 16).replace(/\D/g, "")}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return true;
}

/** Built in pieces, one photo at a time: the phone's memory holds no fortnight of photos twice. */
async function unsentFile() {
  const mine = await device();
  const unsent = (await items()).filter((one) => UNSENT.has(one.state));
  const pictures = (await photos()).filter((photo) => photo.state === "queued");
  if (!mine || (!unsent.length && !pictures.length)) return null;
  const head = { format: "hato-field-export", version: 1, device: mine.id, user: mine.user.id, app_version: appVersion(), exported_at: localIso() };
  const sealed = await Promise.all(unsent.map((one) => envelope(one, mine.id)));
  /** @type {BlobPart[]} */
  const parts = [JSON.stringify({ ...head, items: sealed }).slice(0, -1), ',"photos":['];
  let written = 0;
  for (const { id, visit, practice, sha256, size, taken_at } of pictures) {
    const bytes = await photoBytes(id);
    if (!bytes) continue;
    parts.push(written++ ? "," : "", JSON.stringify({ id, visit, practice, sha256, size, taken_at, data: base64(new Uint8Array(bytes)) }));
  }
  parts.push("]}");
  return new Blob(parts, { type: "application/json" });
}

