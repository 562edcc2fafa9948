// Lines, bands and bars as SVG. Pure: numbers in, markup out.

import { html } from "./html.js";

/**
 * Where a value lies between two ends of a drawing.
 * @param {number} low
 * @param {number} high
 * @param {number} from
 * @param {number} to
 */
export function scale(low, high, from, to) {
  const factor = high > low ? (to - from) / (high - low) : 0;
  return (/** @type {number} */ value) => from + (value - low) * factor;
}

/**
 * Round steps of an axis from zero on, about as many as wanted; the last reaches the value.
 * @param {number} highest
 * @param {number} wanted
 */
export function ticks(highest, wanted) {
  if (!(highest > 0)) return [0, 1];
  const rough = highest / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((n) => n * power >= rough) ?? 10) * power;
  const n = Math.ceil(highest / step - 1e-9);
  return Array.from({ length: n + 1 }, (_, i) => i * step);
}

/** @param {number} value */
const short = (value) => Math.round(value * 10) / 10;

/** @typedef {{ from: number, to: number, value: number | null }} Point x of both ends, and y */

/**
 * A line of level steps; a step that is not known breaks it.
 * @param {Point[]} points
 */
export function stepLine(points) {
  let path = "";
  let isOn = false;
  for (const { from, to, value } of points) {
    if (value === null) {
      isOn = false;
      continue;
    }
    path += `${isOn ? "L" : "M"}${short(from)} ${short(value)}H${short(to)}`;
    isOn = true;
  }
  return path;
}

/**
 * The area between two lines of level steps.
 * @param {Point[]} low
 * @param {Point[]} high
 */
export function stepBand(low, high) {
  let path = "";
  for (let first = 0; first < low.length; first += 1) {
    const known = (/** @type {number} */ n) =>
      n < low.length && low[n]?.value !== null && high[n]?.value !== null;
    if (!known(first)) continue;
    let after = first;
    while (known(after)) after += 1;
    const back = low.slice(first, after).reverse();
    path += stepLine(high.slice(first, after));
    path += back.map((p) => `L${short(p.to)} ${short(p.value ?? 0)}H${short(p.from)}`).join("");
    path += "Z";
    first = after;
  }
  return path;
}

/**
 * Consecutive items that are alike.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => unknown} by
 * @returns {{ first: number, after: number, key: unknown }[]}
 */
export function stretches(items, by) {
  /** @type {{ first: number, after: number, key: unknown }[]} */
  const found = [];
  items.forEach((item, n) => {
    const key = by(item);
    const last = found[found.length - 1];
    if (last && last.key === key) last.after = n + 1;
    else found.push({ first: n, after: n + 1, key });
  });
  return found;
}

/** Patterns that tell apart what colour alone must not; each drawing has its own names.
 * @param {string} name */
export function patterns(name) {
  return html`<defs>
    <pattern id="${name}-estimate" width="6" height="6" patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"><rect class="stripe" width="2.5" height="6"/></pattern>
    <pattern id="${name}-good" width="8" height="8" patternUnits="userSpaceOnUse">
      <circle class="dot" cx="2" cy="2" r="1.2"/></pattern>
  </defs>`;
}

/**
 * A bar of two parts, the lower one first; an estimate is hatched and has a broken edge.
 * @param {{ x: number, width: number, bottom: number, lower: number, upper: number,
 *   isEstimate: boolean, name: string, classes: [string, string] }} bar
 */
export function stackedBar({ x, width, bottom, lower, upper, isEstimate, name, classes }) {
  const part = (/** @type {string} */ kind, /** @type {number} */ y, /** @type {number} */ height) =>
    height > 0.2 &&
    html`<rect class="bar ${kind} ${isEstimate && "estimate"}" x="${short(x)}" y="${short(y)}"
      width="${short(width)}" height="${short(height)}"/>`;
  return html`${part(classes[0], bottom - lower, lower)}${part(
    classes[1],
    bottom - lower - upper,
    upper,
  )}${
    isEstimate &&
    html`<rect x="${short(x)}" y="${short(bottom - lower - upper)}" width="${short(width)}"
      height="${short(lower + upper)}" fill="url(#${name}-estimate)"/>`
  }`;
}

/**
 * A ring that is filled to a part.
 * @param {number | null} part in [0, 1]
 * @param {string} kind
 */
export function ring(part, kind) {
  const radius = 42;
  const around = 2 * Math.PI * radius;
  return html`<svg class="ring" viewBox="0 0 100 100" aria-hidden="true">
    <circle class="rail" cx="50" cy="50" r="${radius}"/>
    ${
      part !== null &&
      html`<circle class="${kind}" cx="50" cy="50" r="${radius}" transform="rotate(-90 50 50)"
        stroke-dasharray="${short(Math.min(1, part) * around)} ${short(around)}"/>`
    }
  </svg>`;
}
