// What a person does on the card: with a finger, a mouse or the keyboard.

import { Deadlines, fieldOf } from "./deadline.js";
import { DOMAIN, entityOf } from "./entities.js";
import { slotsOf, spanOf } from "./faces/day.js";
import { fill } from "./format.js";

/** @typedef {import("./types.js").Scene} Scene */

/**
 * What is needed of the card.
 * @typedef {object} Card
 * @property {Scene} scene
 * @property {(isAnew?: boolean) => void} ask to draw soon; anew, also what did not change
 * @property {(trouble: string) => void} complain nothing, where it went well
 */

/** Then the drawing tells of now again, as a tablet on a wall should. */
const READ_MS = 30_000;
/** From the press of a button to its click; a button that is replaced meanwhile takes none. */
const CLICK_MS = 1_000;

/** @param {Event} event */
function buttonOf({ target }) {
  return /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest("[data-do]"));
}

export class Touch {
  /**
   * @param {ShadowRoot} root
   * @param {Card} card
   */
  constructor(root, card) {
    this.card = card;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.holding = undefined;
    this.deadlines = new Deadlines(root, () => card.scene, (load, told, isDone) => this.moveDeadline(load, told, isDone));
    root.addEventListener("click", (event) => this.press(event));
    root.addEventListener("keydown", (event) => this.stepCursor(/** @type {KeyboardEvent} */ (event)));
    root.addEventListener("pointermove", (event) => this.point(/** @type {PointerEvent} */ (event)));
    root.addEventListener("pointerdown", (event) => buttonOf(event) && this.hold(CLICK_MS));
    for (const name of ["focusin", "keydown", "change"]) root.addEventListener(name, (event) => fieldOf(event) && this.hold(READ_MS));
    // What took the focus may be a button that is being pressed.
    root.addEventListener("focusout", (event) => fieldOf(event) && this.hold(CLICK_MS));
  }

  /** Whether what is drawn must stay. */
  get isInUse() {
    return this.deadlines.isDragging || this.holding !== undefined;
  }

  /** Leave what is drawn as it is. @param {number} ms at most: a tablet keeps the focus where it was */
  hold(ms) {
    clearTimeout(this.holding);
    this.holding = setTimeout(() => this.release(), ms);
  }

  release() {
    clearTimeout(this.holding);
    this.holding = undefined;
    this.card.ask();
  }

  get chosen() {
    return this.card.scene.chosen;
  }

  /** @param {Event} event */
  press(event) {
    const button = buttonOf(event);
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    const { chosen } = this;
    const value = button.dataset.value ?? "";
    switch (button.dataset.do) {
      case "day":
        chosen.day = value === "tomorrow" ? "tomorrow" : "today";
        chosen.cursor = null;
        break;
      case "period":
        chosen.period = value === "year" ? "year" : "month";
        break;
      case "month":
        Object.assign(chosen, { month: value, period: "month" });
        break;
      case "load":
        chosen.load = chosen.load === value ? null : value;
        break;
      case "table":
        chosen.table = !chosen.table;
        break;
      case "statement":
        this.openStatement(value);
        break;
      case "press":
        this.call("button", "press", {}, value);
        break;
      case "control":
        this.call("switch", button.dataset.on === "true" ? "turn_off" : "turn_on", {}, value);
        break;
    }
    this.release();
  }

  /**
   * Open the page to print. Its window opens with the press itself: later, browsers refuse.
   * @param {string} month
   */
  async openStatement(month) {
    const { hass, membership, texts } = this.card.scene;
    const page = window.open("", "_blank");
    try {
      /** @type {{path: string}} */
      const { path } = await hass.callWS({
        type: `${DOMAIN}/statement`,
        config_entry: membership?.config_entry,
        month,
        language: hass.locale.language,
      });
      if (page) page.location.replace(path);
      this.card.complain("");
    } catch {
      page?.close();
      this.card.complain(texts.no_statement ?? "");
    }
  }

  /**
   * @param {string} load
   * @param {string | null} readyBy null: as it was
   * @param {boolean} isDone whether to tell it
   */
  moveDeadline(load, readyBy, isDone) {
    const { drafts } = this.chosen;
    if (readyBy === null) delete drafts[load];
    else drafts[load] = readyBy;
    const { hass, day } = this.card.scene;
    const entity = entityOf(hass, day?.loads?.[load]?.device_id, "ready_by");
    if (readyBy !== null && isDone && entity) {
      this.call("time", "set_value", { time: `${readyBy}:00` }, entity).then((isTold) => {
        if (!isTold) delete drafts[load];
        this.card.ask();
      });
    }
    this.card.ask(true);
  }

  /**
   * Have Home Assistant do something; whether it did.
   * @param {string} domain
   * @param {string} service
   * @param {Record<string, unknown>} data
   * @param {string} entity
   */
  async call(domain, service, data, entity) {
    const { hass, texts } = this.card.scene;
    let trouble = "";
    try {
      await hass.callService(domain, service, data, { entity_id: entity });
      return true;
    } catch (error) {
      const told = error instanceof Error ? error.message : String(/** @type {{ message?: string }} */ (error)?.message ?? error);
      trouble = fill(texts.failed, { error: told });
      return false;
    } finally {
      this.card.complain(trouble);
    }
  }

  /** Read the drawing with the arrow keys. @param {KeyboardEvent} event */
  stepCursor(event) {
    const chart = /** @type {Element} */ (event.target).closest?.("[data-chart]");
    const span = chart && spanOf(this.card.scene);
    if (!span) return;
    const slots = slotsOf(this.card.scene, span);
    const [first, last] = [slots[0]?.n ?? 0, slots[slots.length - 1]?.n ?? 0];
    const at = this.chosen.cursor ?? Number(chart.getAttribute("aria-valuenow"));
    /** @type {Record<string, number>} */
    const to = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: first, End: last };
    const found = to[event.key];
    if (found === undefined) return;
    event.preventDefault();
    this.chosen.cursor = Math.min(last, Math.max(first, found));
    this.card.ask();
  }

  /** Read the drawing with a pointer. @param {PointerEvent} event */
  point(event) {
    const chart = /** @type {Element} */ (event.target).closest?.("[data-chart]");
    const span = chart && spanOf(this.card.scene);
    if (!span) return;
    const x = event.clientX - chart.getBoundingClientRect().left;
    const at = span.start + ((x - span.left) / (span.right - span.left)) * (span.end - span.start);
    const slot = slotsOf(this.card.scene, span).find((one) => at >= one.from && at < one.to);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.chosen.cursor = null;
      this.card.ask();
    }, READ_MS);
    if (slot && slot.n !== this.chosen.cursor) {
      this.chosen.cursor = slot.n;
      this.card.ask();
    }
  }
}
