// Words and figures in the reader's language. Msgids are English; the catalogue of each language is
// precached with the shell (monitoring/views/field.py makes it of the djangojs messages).

/** @type {Record<string, string | string[]>} */
let messages = {};
let language = "es";
const KEPT = "hato-language"; // not personal, and needed before anything is unlocked

export function currentLanguage() {
  return language;
}

/** Load the words of a language, or of the one chosen before. @param {string} [wanted] */
export async function loadLanguage(wanted) {
  language = wanted ?? localStorage.getItem(KEPT) ?? "es";
  const answer = await fetch(`/campo/textos/${language}.json`);
  if (!answer.ok) throw new Error(`no catalogue for ${language}`);
  messages = (await answer.json()).messages;
  if (wanted) localStorage.setItem(KEPT, wanted);
  document.documentElement.lang = language;
}

/** @param {string} text @param {Record<string, string | number>} values */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * The text in the reader's language; `{name}` in it is filled from `values`.
 * @param {string} msgid @param {Record<string, string | number>} [values]
 */
export function _(msgid, values = {}) {
  const found = messages[msgid];
  return fill((Array.isArray(found) ? found[0] : found) || msgid, values);
}

/**
 * `one` or `many` by `n`; `{n}` is filled with the number as it is written here.
 * @param {string} one @param {string} many @param {number} n @param {Record<string, string | number>} [values]
 */
export function ngettext(one, many, n, values = {}) {
  const found = messages[one];
  const forms = Array.isArray(found) && found[1] ? found : [one, many];
  return fill(forms[n === 1 ? 0 : 1], { n: fmt.number(n), ...values });
}

const locale = () => (language === "es" ? "es-PE" : "en");

/** @param {string} iso a day, or an instant */
function asDate(iso) {
  return new Date(iso.length === 10 ? `${iso}T12:00:00` : iso);
}

export const fmt = {
  /** @param {number | string} value @param {number} [digits] at most so many decimals */
  number: (value, digits = 1) =>
    new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(Number(value)),
  /** "mar, 25 nov" (with the year when it is another one). @param {string} iso */
  date(iso) {
    const day = asDate(iso);
    const year = day.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
    return new Intl.DateTimeFormat(locale(), { weekday: year ? undefined : "short", day: "numeric", month: "short", year }).format(day);
  },
  /** "14:05". @param {string} iso */
  time: (iso) => new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", hour12: false }).format(asDate(iso)),
  /** Day and time. @param {string} iso */
  instant: (iso) => `${fmt.date(iso)}, ${fmt.time(iso)}`,
  /** "1.2 MB". @param {number} bytes */
  bytes(bytes) {
    const units = ["B", "KB", "MB", "GB"];
    const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(1000)));
    return `${fmt.number(bytes / 1000 ** power, power < 2 ? 0 : 1)} ${units[power]}`;
  },
};
