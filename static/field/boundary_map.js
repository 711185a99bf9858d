// A plain map without tiles: plots, a walked line, the position; drawn as SVG in metres, north up.
import { metresPerDegree } from "./geo.js";

/** @typedef {import("./geo.js").Point} Point */
/**
 * @typedef {object} Drawn
 * @property {{rings: Point[][], name: string, kind: "own" | "other" | "old"}[]} plots
 * @property {Point[]} [line]  a walked line
 * @property {boolean} [closed]  with a dashed edge back to its start
 * @property {{at: Point, accuracy_m: number | null} | null} [position]
 * @property {Point[]} [poor]  points of the line with poor accuracy
 * @property {Point[]} [fit]  what must be in view; all own plots, the line and the position when absent
 * @property {string} label  what a screen reader is told
 */

const SVG = "http://www.w3.org/2000/svg";
const SIZE = 1000; // units of the drawing, width and height
const EDGE = 70;
const LEAST_M = 60; // what is shown at least, across

/** @param {string} tag @param {Record<string, string | number>} attributes */
function s(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text) element.textContent = text;
  return element;
}

export class PlainMap {
  /** @param {{onTap?: (point: Point) => void}} [options] */
  constructor({ onTap } = {}) {
    this.element = /** @type {SVGSVGElement} */ (s("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, class: "plain-map", role: "img" }));
    /** @type {{lon: number, lat: number, east: number, north: number, scale: number} | null} */
    this.frame = null;
    if (onTap) {
      this.element.classList.add("plain-map--tap");
      this.element.addEventListener("click", (event) => {
        const point = this.#pointAt(event);
        if (point) onTap(point);
      });
    }
  }

  /** @param {Drawn} drawn */
  draw(drawn) {
    const { plots, line = [], closed = false, position = null, poor = [] } = drawn;
    const own = plots.filter((plot) => plot.kind !== "other");
    const fit = drawn.fit ?? [...own.flatMap((plot) => plot.rings.flat()), ...line, ...(position ? [position.at] : [])];
    this.#look(fit.length ? fit : plots.flatMap((plot) => plot.rings.flat()));
    this.element.setAttribute("aria-label", drawn.label);
    this.element.replaceChildren();
    if (!this.frame) return;
    for (const plot of plots) this.#plot(plot);
    if (line.length) this.#line(line, closed, poor);
    if (position) this.#position(position);
    this.#scale();
  }

  /** @param {Point[]} points */
  #look(points) {
    if (!points.length) {
      this.frame = null;
      return;
    }
    const [lons, lats] = [points.map((point) => point[0]), points.map((point) => point[1])];
    const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)];
    const [lon, lat] = [(west + east) / 2, (south + north) / 2];
    const [perLon, perLat] = metresPerDegree(lat);
    const across = Math.max((east - west) * perLon, (north - south) * perLat, LEAST_M);
    this.frame = { lon, lat, east: perLon, north: perLat, scale: (SIZE - 2 * EDGE) / across };
  }

  /** @param {Point} point @returns {[number, number]} */
  #xy([lon, lat]) {
    const frame = this.frame;
    if (!frame) return [0, 0];
    const x = SIZE / 2 + (lon - frame.lon) * frame.east * frame.scale;
    const y = SIZE / 2 - (lat - frame.lat) * frame.north * frame.scale;
    return [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
  }

  /** @param {MouseEvent} event @returns {Point | null} */
  #pointAt(event) {
    const [frame, matrix] = [this.frame, this.element.getScreenCTM()];
    if (!frame || !matrix) return null;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    const lon = frame.lon + (x - SIZE / 2) / frame.scale / frame.east;
    const lat = frame.lat - (y - SIZE / 2) / frame.scale / frame.north;
    return [Number(lon.toFixed(7)), Number(lat.toFixed(7))];
  }

  /** @param {Point[]} points */
  #path(points, close = true) {
    return `M${points.map((point) => this.#xy(point).join(" ")).join("L")}${close ? "Z" : ""}`;
  }

  /** @param {Drawn["plots"][number]} plot */
  #plot({ rings, name, kind }) {
    const drawn = rings.filter((ring) => ring.length > 2).map((ring) => this.#path(ring));
    if (drawn.length) this.element.append(s("path", { d: drawn.join(""), class: `map-plot map-plot--${kind}`, "fill-rule": "evenodd" }));
    const points = rings.flat();
    if (!name || !points.length) return;
    const [x, y] = this.#xy(/** @type {Point} */ ([0, 1].map((axis) => (Math.min(...points.map((p) => p[axis])) + Math.max(...points.map((p) => p[axis]))) / 2)));
    if (x > 0 && x < SIZE && y > 0 && y < SIZE) this.element.append(s("text", { x, y, class: "map-name" }, name));
  }

  /** @param {Point[]} line @param {boolean} closed @param {Point[]} poor */
  #line(line, closed, poor) {
    if (closed && line.length > 2) {
      this.element.append(s("path", { d: this.#path(line), class: "map-area" }));
      this.element.append(s("path", { d: this.#path([line[line.length - 1], line[0]], false), class: "map-closing" }));
    }
    this.element.append(s("path", { d: this.#path(line, false), class: "map-line" }));
    for (const point of line) {
      const [cx, cy] = this.#xy(point);
      this.element.append(s("circle", { cx, cy, r: poor.includes(point) ? 12 : 8, class: poor.includes(point) ? "map-point map-point--poor" : "map-point" }));
    }
    const [cx, cy] = this.#xy(line[0]);
    this.element.append(s("circle", { cx, cy, r: 16, class: "map-start" }));
  }

  /** @param {{at: Point, accuracy_m: number | null}} position */
  #position({ at, accuracy_m }) {
    const [cx, cy] = this.#xy(at);
    const r = Math.min(SIZE, (accuracy_m ?? 0) * (this.frame?.scale ?? 1));
    if (r > 18) this.element.append(s("circle", { cx, cy, r, class: "map-accuracy" }));
    this.element.append(s("circle", { cx, cy, r: 18, class: "map-me" }));
  }

  /** A bar of a round length, so that distances can be judged. */
  #scale() {
    const across = SIZE / (this.frame?.scale ?? 1);
    const power = 10 ** Math.floor(Math.log10(across / 3));
    const metres = [5, 2, 1].map((n) => n * power).find((n) => n <= across / 3) ?? power;
    const width = metres * (this.frame?.scale ?? 1);
    this.element.append(s("path", { d: `M30 ${SIZE - 30}v-14v14h${width}v-14`, class: "map-scale" }));
    this.element.append(s("text", { x: 40, y: SIZE - 52, class: "map-scale-text" }, metres >= 1000 ? `${metres / 1000} km` : `${metres} m`));
  }
}
