// The map of plots: vector tiles drawn on canvas over Leaflet's ground. <div data-plot-map="id"> is filled
// from the JSON of the script with that id (monitoring/views/maps.py). Far out a tile holds districts with
// their totals, nearer the plots, or squares with how many plots lie in each where they are too many.
import { addLayers } from "./layers.js";
import { panel, shadeOf } from "./plot_panel.js";
import { decode } from "./vector_tile.js";

const L = /** @type {any} */ (window).L;
const OUTLINE = "#2b2417";
const CHOSEN = "#000000";
const SQUARES = [[1000, "#08304f"], [200, "#0a5c92"], [50, "#4f93bf"], [10, "#9dc3e0"], [0, "#dbe7f3"]];
const SPANISH = document.documentElement.lang.startsWith("es");

/**
 * @typedef {import("./vector_tile.js").Drawn} Drawn
 * @typedef {HTMLCanvasElement & { drawn?: Drawn[] }} TileCanvas
 */

for (const box of document.querySelectorAll("[data-plot-map]")) start(/** @type {HTMLElement} */ (box));

/** @param {HTMLElement} box */
function start(box) {
  const data = JSON.parse(document.getElementById(box.dataset.plotMap ?? "")?.textContent ?? "{}");
  const map = L.map(box, { minZoom: 5, maxZoom: 18 });
  const hasBase = addLayers(map, data.layers);
  const look = { color: "#7d725c", weight: 1.5, fillColor: "#f4f1e8", fillOpacity: hasBase ? 0 : 1, interactive: false };
  const ground = L.geoJSON(data.ground, { style: look, pane: "ground" });
  ground.eachLayer((/** @type {any} */ layer) => {
    const name = document.createElement("span");
    name.textContent = layer.feature.properties.label;
    layer.bindTooltip(name, { permanent: true, direction: "center", className: "map-label" });
  });
  ground.addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  place(map, data, ground);
  map.createPane("plots").style.zIndex = "450"; // above the ground, below names
  const plots = layerOf(data);
  plots.addTo(map);
  const say = panel({ data, map, plots, spanish: SPANISH });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === box) say.choose(map.getCenter(), true);
  });
  map.on("click", (/** @type {any} */ event) => say.choose(event.latlng, false));
  plots.on("load", say.count);
  map.on("moveend", () => remember(map));
  box.dataset.ready = "yes";
}

/** Where to look: the place in the address, the chosen district or where the plots are, else the ground. */
function place(/** @type {any} */ map, /** @type {any} */ data, /** @type {any} */ ground) {
  const [z, lat, lon] = (new URLSearchParams(location.search).get("lugar") ?? "").split("/").map(Number);
  if ([z, lat, lon].every(Number.isFinite) && z) map.setView([lat, lon], z);
  else if (data.bounds) map.fitBounds([[data.bounds[1], data.bounds[0]], [data.bounds[3], data.bounds[2]]], { maxZoom: 13 });
  else if (ground.getBounds().isValid()) map.fitBounds(ground.getBounds());
  else map.setView([-11.3, -69.5], 8);
}

/** Keep the place in the address, and for the form that sends the other choices. */
function remember(/** @type {any} */ map) {
  const { lat, lng } = map.getCenter();
  const words = `${map.getZoom()}/${lat.toFixed(4)}/${lng.toFixed(4)}`;
  const address = new URL(location.href);
  address.searchParams.set("lugar", words);
  history.replaceState(null, "", address);
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector("input[name=lugar]"));
  if (field) field.value = words;
}

/** @param {any} data */
function layerOf(data) {
  const Plots = L.GridLayer.extend({
    createTile(/** @type {any} */ coords, /** @type {(error: any, tile: any) => void} */ done) {
      const canvas = /** @type {TileCanvas} */ (document.createElement("canvas"));
      const size = this.getTileSize().x;
      const scale = Math.min(window.devicePixelRatio || 1, 2);
      canvas.width = canvas.height = size * scale;
      const address = data.plots.replace("{z}", coords.z).replace("{x}", coords.x).replace("{y}", coords.y);
      fetch(address, { redirect: "error" })
        .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(String(answer.status)))))
        .then((bytes) => {
          canvas.drawn = decode(bytes, size);
          this.paint(canvas);
          done(null, canvas);
        })
        .catch((error) => done(error, canvas));
      return canvas;
    },
    /** @param {TileCanvas} canvas */
    paint(canvas) {
      const pen = canvas.getContext("2d");
      if (!pen || !canvas.drawn) return;
      const size = this.getTileSize().x;
      const scale = canvas.width / size;
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.clearRect(0, 0, size, size);
      for (const one of canvas.drawn) draw(pen, one, data, size, one.id === this.chosen && one.id > 0);
    },
    /** Show one plot as chosen. @param {number} id */
    choose(id) {
      this.chosen = id;
      for (const tile of Object.values(this._tiles)) this.paint(tile.el);
    },
    /** The feature drawn at a place, the topmost first. @param {any} latlng */
    at(latlng) {
      const size = this.getTileSize().x;
      const point = this._map.project(latlng, this._tileZoom);
      const key = `${Math.floor(point.x / size)}:${Math.floor(point.y / size)}:${this._tileZoom}`;
      const canvas = /** @type {TileCanvas | undefined} */ (this._tiles[key]?.el);
      const pen = canvas?.getContext("2d");
      if (!canvas?.drawn || !pen) return undefined;
      const x = point.x - Math.floor(point.x / size) * size;
      const y = point.y - Math.floor(point.y / size) * size;
      pen.setTransform(1, 0, 0, 1, 0, 0);
      return canvas.drawn.filter((one) => pen.isPointInPath(one.path, x, y, "evenodd")).at(-1);
    },
    /** Everything drawn in the tiles on screen. @returns {Drawn[]} */
    drawn() {
      return Object.values(this._tiles).flatMap((tile) => (tile.current ? (tile.el.drawn ?? []) : []));
    },
  });
  return new Plots({ minZoom: 5, maxZoom: 18, updateWhenZooming: false, pane: "plots" });
}

/** @param {CanvasRenderingContext2D} pen @param {Drawn} one @param {any} data @param {number} size @param {boolean} chosen */
function draw(pen, one, data, size, chosen) {
  pen.globalAlpha = one.layer === "districts" ? 0.35 : 0.88;
  pen.fillStyle = colourOf(one, data);
  pen.fill(one.path, "evenodd");
  pen.globalAlpha = 1;
  if (one.layer === "squares") return number(pen, one, size);
  pen.lineWidth = chosen ? 3.5 : 0.9;
  pen.strokeStyle = chosen ? CHOSEN : OUTLINE;
  pen.stroke(one.path);
}

/** @param {CanvasRenderingContext2D} pen @param {Drawn} one @param {number} size */
function number(pen, one, size) {
  if (Number(one.properties.side) * size < 4096 * 24) return;
  pen.fillStyle = Number(one.properties.n) >= 200 ? "#ffffff" : OUTLINE;
  pen.font = "11px sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(String(one.properties.n), one.at.x, one.at.y);
}

/** @param {Drawn} one @param {any} data @returns {string} */
function colourOf(one, data) {
  if (one.layer !== "plots") return String(SQUARES.find(([least]) => Number(one.properties.n) >= Number(least))?.[1]);
  return data.value ? shadeOf(data.value, one.properties).colour : "#3f86bd";
}
