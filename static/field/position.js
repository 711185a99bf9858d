// The phone's position: watched until it is good enough, the best one kept.

/** @typedef {{lon: number, lat: number, accuracy_m: number, at: number}} Fix  `at`: seconds since 1970 */
const GOOD_M = 10;
const LONGEST_MS = 90_000;

/** @param {GeolocationPosition} position @returns {Fix} */
function fixOf({ coords, timestamp }) {
  return {
    lon: Number(coords.longitude.toFixed(7)),
    lat: Number(coords.latitude.toFixed(7)),
    accuracy_m: Number(coords.accuracy.toFixed(1)),
    at: Math.round(timestamp / 1000),
  };
}

/**
 * Watch until `stop` is called. @param {(fix: Fix) => void} onFix
 * @param {(why: "denied" | "unavailable") => void} onTrouble
 * @returns {() => void} stop
 */
export function watch(onFix, onTrouble) {
  if (!("geolocation" in navigator)) {
    onTrouble("unavailable");
    return () => undefined;
  }
  const id = navigator.geolocation.watchPosition(
    (position) => onFix(fixOf(position)),
    (error) => onTrouble(error.code === error.PERMISSION_DENIED ? "denied" : "unavailable"),
    { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 },
  );
  return () => navigator.geolocation.clearWatch(id);
}

/**
 * Watch until the accuracy is good or time is up; `onBetter` is told each better position.
 * @param {{onBetter: (fix: Fix) => void, onEnd: (how: "good" | "late" | "denied" | "unavailable") => void}} told
 * @returns {() => void} stop
 */
export function seek({ onBetter, onEnd }) {
  /** @type {Fix | null} */
  let best = null;
  let over = false;
  /** @param {"good" | "late" | "denied" | "unavailable"} how */
  const end = (how) => {
    if (over) return;
    stop();
    onEnd(how);
  };
  const stopWatch = watch(
    (fix) => {
      if (over || (best && fix.accuracy_m >= best.accuracy_m)) return;
      best = fix;
      onBetter(fix);
      if (fix.accuracy_m <= GOOD_M) end("good");
    },
    (why) => {
      if (why === "denied" || !best) end(why);
    },
  );
  const timer = setTimeout(() => end("late"), LONGEST_MS);
  const stop = () => {
    over = true;
    clearTimeout(timer);
    stopWatch();
  };
  return stop;
}

/** Whether the person has allowed the position already, so that asking for it interrupts nobody. */
export async function isAllowed() {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
  } catch {
    return false;
  }
}
