// Moving a deadline: with a finger or a mouse, with the keys that move any slider, or by typing it.

import { toldMinutes } from "./faces/loads.js";
import { spanOf } from "./faces/day.js";

/** @typedef {import("./types.js").Scene} Scene */

/** Minutes: nobody means 6:47. */
const SNAP = 15;
const LAST = 24 * 60 - SNAP;
/** After the last key: a person who holds an arrow, or types, asks for one new plan, not for ten. */
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

/**
 * The field in which a time is typed, where something happened in one.
 * @param {Event} event
 */
export function fieldOf({ target }) {
  return target instanceof HTMLInputElement && target.dataset.ready !== undefined ? target : null;
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
    /** @type {((last: Event) => void) | null} ends the drag that is going on */
    this.endDrag = null;
    /** @type {{ load: string, readyBy: string } | null} what is not told yet */
    this.pending = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    root.addEventListener("pointerdown", (event) => this.press(/** @type {PointerEvent} */ (event)));
    root.addEventListener("keydown", (event) => this.key(/** @type {KeyboardEvent} */ (event)));
    root.addEventListener("change", (event) => this.typed(event));
    root.addEventListener("focusout", (event) => fieldOf(event) && this.settle());
  }

  get isDragging() {
    return this.endDrag !== null;
  }

  /**
   * Show a time now, and tell it once no other follows.
   * @param {string} load
   * @param {string} readyBy
   */
  propose(load, readyBy) {
    if (this.pending?.load !== load) this.settle();
    clearTimeout(this.timer);
    this.pending = { load, readyBy };
    this.timer = setTimeout(() => this.settle(), SETTLE_MS);
    this.change(load, readyBy, false);
  }

  /** Tell what was proposed. */
  settle() {
    clearTimeout(this.timer);
    const { pending } = this;
    this.pending = null;
    if (pending) this.change(pending.load, pending.readyBy, true);
  }

  /** Forget what was proposed. @param {string} load */
  putBack(load) {
    clearTimeout(this.timer);
    this.pending = null;
    this.change(load, null, false);
  }

  /** Each key in a field makes a time, or none while a part is missing. @param {Event} event */
  typed(event) {
    const field = fieldOf(event);
    if (!field) return;
    const load = field.dataset.ready ?? "";
    if (field.value) this.propose(load, field.value);
    else this.putBack(load);
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
    this.settle();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    handle.classList.add("dragged");
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
    const end = (/** @type {Event} */ last) => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
      this.endDrag = null;
      const isMoved = last.type === "pointerup" && minutes !== before;
      this.change(load, isMoved ? toldMinutes(minutes) : null, true);
    };
    this.endDrag = end;
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Enter" && fieldOf(event)) this.settle();
    const handle = this.handle(event);
    if (!handle) return;
    const load = handle.dataset.deadline ?? "";
    if (event.key === "Escape") {
      if (this.endDrag) this.endDrag(event);
      else this.putBack(load);
    }
    if (this.endDrag) return;
    const minutes = moved(event.key, Number(handle.getAttribute("aria-valuenow")));
    if (minutes === null) return;
    event.preventDefault();
    this.propose(load, toldMinutes(minutes));
  }
}
