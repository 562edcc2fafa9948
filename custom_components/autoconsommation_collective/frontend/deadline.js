// Moving a deadline: with a finger or a mouse, or with the keys that move any slider.

import { toldMinutes } from "./faces/loads.js";
import { spanOf } from "./faces/day.js";

/** @typedef {import("./types.js").Scene} Scene */

/** Minutes: nobody means 6:47. */
const SNAP = 15;
const LAST = 24 * 60 - SNAP;
/** After the last key: a person who holds an arrow asks for one new plan, not for ten. */
const SETTLE_MS = 900;

/** @type {Record<string, number>} */
const KEYS = { ArrowLeft: -SNAP, ArrowDown: -SNAP, ArrowRight: SNAP, ArrowUp: SNAP, PageDown: -60, PageUp: 60 };

/**
 * What a key makes of a time; null for any other key.
 * @param {string} key
 * @param {number} minutes
 */
export function moved(key, minutes) {
  if (key === "Home") return 0;
  if (key === "End") return LAST;
  const by = KEYS[key];
  if (by === undefined) return null;
  return Math.min(LAST, Math.max(0, Math.round((minutes + by) / SNAP) * SNAP));
}

/**
 * The time of day at a place of the drawing, to a quarter of an hour.
 * @param {Scene} scene
 * @param {number} x
 * @param {number} midnight of the day it is moved in
 */
export function minutesAt(scene, x, midnight) {
  const span = spanOf(scene);
  if (!span) return 0;
  const at = span.start + ((x - span.left) / (span.right - span.left)) * (span.end - span.start);
  const within = Math.max(midnight, Math.min(at, midnight + LAST * 60_000));
  const minutes = at <= midnight ? 0 : scene.format.minutes(within);
  return Math.min(LAST, Math.round(minutes / SNAP) * SNAP);
}

export class Deadlines {
  /**
   * @param {ShadowRoot} root
   * @param {() => Scene} scene
   * @param {(load: string, readyBy: string | null, isDone: boolean) => void} change null: as it was
   */
  constructor(root, scene, change) {
    this.scene = scene;
    this.change = change;
    this.isDragging = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    root.addEventListener("pointerdown", (event) => this.press(/** @type {PointerEvent} */ (event)));
    root.addEventListener("keydown", (event) => this.key(/** @type {KeyboardEvent} */ (event)));
  }

  /** @param {Event} event */
  handle(event) {
    const target = /** @type {Element} */ (event.target);
    return /** @type {HTMLElement | null} */ (target.closest?.("[data-deadline]"));
  }

  /** @param {PointerEvent} event */
  press(event) {
    const handle = this.handle(event);
    const track = handle?.parentElement;
    if (!handle || !track || event.button !== 0) return;
    event.preventDefault();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    handle.classList.add("dragged");
    this.isDragging = true;
    const load = handle.dataset.deadline ?? "";
    const midnight = Number(handle.dataset.midnight);
    let minutes = Number(handle.getAttribute("aria-valuenow"));
    const before = minutes;
    const move = (/** @type {PointerEvent} */ next) => {
      const scene = this.scene();
      minutes = minutesAt(scene, next.clientX - track.getBoundingClientRect().left, midnight);
      const place = spanOf(scene)?.x(scene.format.atMinutes(midnight, minutes)) ?? 0;
      handle.style.left = `${place}px`;
      const word = handle.querySelector("b");
      if (word) word.textContent = scene.format.clock(minutes);
    };
    const end = (/** @type {PointerEvent} */ last) => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
      this.isDragging = false;
      const isMoved = last.type === "pointerup" && minutes !== before;
      this.change(load, isMoved ? toldMinutes(minutes) : null, true);
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const handle = this.handle(event);
    if (!handle) return;
    const load = handle.dataset.deadline ?? "";
    if (event.key === "Escape") {
      clearTimeout(this.timer);
      this.change(load, null, true);
      return;
    }
    const minutes = moved(event.key, Number(handle.getAttribute("aria-valuenow")));
    if (minutes === null) return;
    event.preventDefault();
    this.change(load, toldMinutes(minutes), false);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.change(load, toldMinutes(minutes), true), SETTLE_MS);
  }
}
