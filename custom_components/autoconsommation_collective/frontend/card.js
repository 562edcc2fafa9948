// The card of the integration, and what tells Home Assistant that it is there.

import { Deadlines } from "./deadline.js";
import { DOMAIN, entityOf, faceFor } from "./entities.js";
import { spanOf, slotsOf, renderDay } from "./faces/day.js";
import { renderMonth } from "./faces/month.js";
import { renderNow } from "./faces/now.js";
import { LIVE, renderOperation } from "./faces/operation.js";
import { followAnswer, followDay } from "./feed.js";
import { fill, Format } from "./format.js";
import { html } from "./html.js";
import { generate, STRATEGY, suggestions } from "./strategy.js";
import { STYLES } from "./styles.js";
import { textsOf } from "./texts.js";

/** @typedef {import("./types.js").Hass} Hass */
/** @typedef {import("./types.js").Scene} Scene */
/** @typedef {import("./types.js").CardConfig} CardConfig */
/** @typedef {import("./types.js").FaceName} FaceName */
/** @typedef {import("./types.js").Membership} Membership */

const TYPE = "autoconsommation-card";
const PADDING = 16;
/** Until the page has measured the card. */
const USUAL_WIDTH = 480;

/** @type {Record<FaceName, { render: (scene: Scene) => unknown, columns: number, size: number }>} */
const FACES = {
  now: { render: renderNow, columns: 12, size: 5 },
  day: { render: renderDay, columns: 24, size: 10 },
  month: { render: renderMonth, columns: 12, size: 9 },
  operation: { render: renderOperation, columns: 12, size: 8 },
};

/** Texts where no card is there yet, as in the editor: in the language of the page. */
const pageTexts = () => textsOf(document.documentElement.lang);

/** @param {CardConfig} config */
function checked(config) {
  if (config.face !== undefined && !(config.face in FACES)) {
    throw new Error(`face: ${Object.keys(FACES).join(", ")}`);
  }
  return config;
}

class AutoconsommationCard extends HTMLElement {
  constructor() {
    super();
    this.root = this.attachShadow({ mode: "open" });
    this.root.innerHTML = `<style>${STYLES}</style><ha-card>
      <p class="strip" role="status" hidden></p><div class="face"></div><p class="sr" role="status"></p></ha-card>`;
    /** @type {Hass | null} */
    this._hass = null;
    /** @type {CardConfig} */
    this.config = { type: `custom:${TYPE}` };
    /** @type {Omit<Scene, "hass" | "texts" | "format" | "config">} */
    this.known = {
      width: USUAL_WIDTH,
      membership: null,
      day: null,
      months: null,
      operation: null,
      chosen: { day: "today", load: null, month: null, period: "month", cursor: null, table: false, drafts: {} },
    };
    /** @type {Membership[] | null} */
    this.memberships = null;
    /** @type {(() => void)[]} */
    this.follows = [];
    /** @type {string | null} */
    this.following = null;
    this.drawn = "";
    this.isAsked = false;
    this.isOnScreen = true;
    this.trouble = "";
    this.shownAt = 0;
    this.deadlines = new Deadlines(this.root, () => this.scene, (load, told, isDone) => this.moveDeadline(load, told, isDone));
    this.root.addEventListener("click", (event) => this.press(event));
    this.root.addEventListener("change", (event) => this.typed(event));
    this.root.addEventListener("keydown", (event) => this.stepCursor(/** @type {KeyboardEvent} */ (event)));
    this.root.addEventListener("pointermove", (event) => this.point(/** @type {PointerEvent} */ (event)));
    this.resized = new ResizeObserver(([entry]) => this.fit(entry?.contentRect.width ?? 0));
    this.seen = new IntersectionObserver(
      ([entry]) => {
        this.isOnScreen = entry?.isIntersecting ?? true;
        this.ask();
      },
      { rootMargin: "200px" },
    );
    this.turned = () => this.follow();
    this.lost = () => this.showTrouble();
  }

  // What Home Assistant asks of a card

  /** @param {CardConfig} config */
  setConfig(config) {
    this.config = checked(config);
    this.follow();
    this.ask();
  }

  /** @param {Hass} hass */
  set hass(hass) {
    const before = this._hass;
    this._hass = hass;
    if (before?.connection !== hass.connection) {
      before?.connection.removeEventListener("disconnected", this.lost);
      if (this.isConnected) hass.connection.addEventListener("disconnected", this.lost);
    }
    if (!before || before.connection !== hass.connection || before.locale !== hass.locale) {
      this.follow(before?.locale.language !== hass.locale.language);
      this.ask();
    } else if (before.connected !== hass.connected) {
      this.showTrouble();
    } else if (this.shows(before) !== this.shows(hass)) {
      this.ask();
    }
  }

  getCardSize() {
    return FACES[this.face].size;
  }

  getGridOptions() {
    const { columns } = FACES[this.face];
    return { columns, rows: "auto", min_columns: 6, min_rows: 3 };
  }

  static getStubConfig() {
    return { face: "now" };
  }

  static getConfigForm() {
    const texts = pageTexts();
    return {
      schema: [
        {
          name: "face",
          selector: {
            select: {
              mode: "dropdown",
              options: Object.keys(FACES).map((value) => ({ value, label: texts[`face_${value}`] })),
            },
          },
        },
        { name: "config_entry", selector: { config_entry: { integration: DOMAIN } } },
        { name: "title", selector: { text: {} } },
        { name: "hide_loads", selector: { boolean: {} } },
      ],
      computeLabel: (/** @type {{ name: string }} */ { name }) =>
        pageTexts()[{ face: "editor_face", config_entry: "editor_entry", title: "editor_title" }[name] ?? "editor_hide_loads"],
      assertConfig: checked,
    };
  }

  connectedCallback() {
    this.resized.observe(/** @type {Element} */ (this.root.querySelector("ha-card")));
    this.seen.observe(this);
    document.addEventListener("visibilitychange", this.turned);
    this._hass?.connection.addEventListener("disconnected", this.lost);
    this.follow();
  }

  disconnectedCallback() {
    this.resized.disconnect();
    this.seen.disconnect();
    document.removeEventListener("visibilitychange", this.turned);
    this._hass?.connection.removeEventListener("disconnected", this.lost);
    this.unfollow();
  }

  // What it is told

  /** @returns {FaceName} */
  get face() {
    return this.config.face ?? "now";
  }

  /** States that a face shows beside what it is told. @param {Hass} hass */
  shows(hass) {
    if (this.face !== "operation") return "";
    const device = this.known.membership?.device_id;
    return LIVE.map((key) => hass.states[entityOf(hass, device, key) ?? ""]?.state).join(" ");
  }

  /** Follow what the face shows while somebody may see it; nothing otherwise. */
  follow(isAnew = false) {
    const hass = this._hass;
    const isSeen = this.isConnected && document.visibilityState !== "hidden";
    const wanted = hass && isSeen ? `${this.face} ${this.config.config_entry ?? ""}` : null;
    if (wanted === this.following && !isAnew) return;
    this.unfollow();
    this.following = wanted;
    if (!hass || !wanted) return;
    this.follows.push(
      followAnswer(
        hass,
        { type: `${DOMAIN}/memberships` },
        (/** @type {Membership[]} */ told) => this.takeMemberships(hass, told),
        (told) => told.some(({ loaded }) => loaded),
      ),
    );
  }

  /**
   * @param {Hass} hass
   * @param {Membership[]} told
   */
  takeMemberships(hass, told) {
    const before = this.known.membership;
    this.memberships = told;
    const entry = this.config.config_entry;
    const found = told.find((one) => (entry ? one.config_entry === entry : one.loaded)) ?? (entry ? null : told[0]);
    this.known.membership = found ?? null;
    if (found && (found.config_entry !== before?.config_entry || this.follows.length < 2)) {
      this.follows.splice(1).forEach((stop) => stop());
      this.follows.push(this.followFace(hass, found.config_entry));
    }
    this.ask();
  }

  /**
   * @param {Hass} hass
   * @param {string} entry
   */
  followFace(hass, entry) {
    const take = (/** @type {Partial<Scene>} */ news) => {
      Object.assign(this.known, news);
      this.shownAt = Date.now();
      this.ask();
    };
    const question = (/** @type {string} */ kind) => ({ type: `${DOMAIN}/${kind}`, config_entry: entry });
    if (this.face === "month") return followAnswer(hass, question("months"), (/** @type {import("./types.js").Months} */ months) => take({ months }));
    if (this.face === "operation") return followAnswer(hass, question("operation"), (/** @type {import("./types.js").Operation} */ operation) => take({ operation }));
    return followDay(hass, entry, (day) => {
      for (const [load, told] of Object.entries(this.known.chosen.drafts)) {
        if (day.loads?.[load]?.ready_by === told) delete this.known.chosen.drafts[load];
      }
      take({ day });
    });
  }

  unfollow() {
    this.follows.splice(0).forEach((stop) => stop());
    this.following = null;
  }

  // What it shows

  /** @returns {Scene} */
  get scene() {
    const hass = /** @type {Hass} */ (this._hass);
    const zone = this.known.day?.ahead?.time_zone ?? hass.config.time_zone;
    return {
      ...this.known,
      hass,
      config: this.config,
      texts: textsOf(hass.locale.language),
      format: new Format(hass.locale, zone),
    };
  }

  /** @param {number} inner width of the card's content */
  fit(inner) {
    // A day is drawn from edge to edge.
    const width = Math.round(this.face === "day" ? inner + 2 * PADDING : inner);
    if (width <= 0 || width === this.known.width) return;
    this.known.width = width;
    this.ask();
  }

  /** Draw soon, once for all that is new; not while nobody sees it, nor under a finger. */
  ask() {
    if (this.isAsked || !this._hass || !this.isOnScreen || document.visibilityState === "hidden") return;
    this.isAsked = true;
    queueMicrotask(() => {
      this.isAsked = false;
      if (this._hass && !this.deadlines.isDragging) this.draw();
    });
  }

  draw() {
    const scene = this.scene;
    const text = String(this.content(scene));
    this.showTrouble();
    if (text === this.drawn) return;
    this.drawn = text;
    const face = /** @type {HTMLElement} */ (this.root.querySelector(".face"));
    const active = /** @type {HTMLElement | null} */ (this.root.activeElement);
    const key = active?.dataset.key;
    face.innerHTML = text;
    if (key) /** @type {HTMLElement | null} */ (face.querySelector(`[data-key="${CSS.escape(key)}"]`))?.focus({ preventScroll: true });
    if (this.face === "now") this.announce(scene);
  }

  /** @param {Scene} scene */
  content(scene) {
    const { texts, membership, day } = scene;
    const notice = (/** @type {string | undefined} */ text) => html`<p class="notice">${text}</p>`;
    if (!this.memberships) return notice(texts.waiting);
    if (!membership) return notice(this.config.config_entry ? texts.gone : texts.no_membership);
    if ((this.face === "now" || this.face === "day") && !day?.now) return notice(texts.waiting);
    return FACES[this.face].render(scene);
  }

  /** Say a new answer to who cannot see it; not each minute the same. @param {Scene} scene */
  announce({ texts, day }) {
    const said = /** @type {HTMLElement} */ (this.root.querySelector(".sr"));
    const word = day?.now ? (texts[`level_${day.now.level ?? "unknown"}`] ?? "") : "";
    if (said.textContent !== word) said.textContent = word;
  }

  /** What went wrong stands above the face, which stays as it was. */
  showTrouble() {
    const hass = this._hass;
    if (!hass) return;
    const { texts, format } = this.scene;
    const strip = /** @type {HTMLElement} */ (this.root.querySelector(".strip"));
    const words = hass.connected ? this.trouble : fill(texts.offline, { time: format.time(this.shownAt || Date.now()) });
    if (strip.textContent !== words) strip.textContent = words;
    strip.hidden = !words;
  }

  // What a person does

  /** @param {Event} event */
  press(event) {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-do]"));
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    const { chosen } = this.known;
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
      case "press":
        this.call("button", "press", {}, value);
        break;
      case "control":
        this.call("switch", button.dataset.on === "true" ? "turn_off" : "turn_on", {}, value);
        break;
    }
    this.ask();
  }

  /** @param {Event} event */
  typed(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.dataset?.ready && field.value) this.moveDeadline(field.dataset.ready, field.value, true);
  }

  /**
   * @param {string} load
   * @param {string | null} readyBy null: as it was
   * @param {boolean} isDone whether to tell it
   */
  moveDeadline(load, readyBy, isDone) {
    const { drafts } = this.known.chosen;
    if (readyBy === null) delete drafts[load];
    else drafts[load] = readyBy;
    const entity = this._hass && entityOf(this._hass, this.known.day?.loads?.[load]?.device_id, "ready_by");
    if (readyBy !== null && isDone && entity) {
      this.call("time", "set_value", { time: `${readyBy}:00` }, entity).then((isTold) => {
        if (!isTold) delete drafts[load];
        this.ask();
      });
    }
    this.drawn = "";
    this.ask();
  }

  /**
   * Have Home Assistant do something; whether it did.
   * @param {string} domain
   * @param {string} service
   * @param {Record<string, unknown>} data
   * @param {string} entity
   */
  async call(domain, service, data, entity) {
    this.trouble = "";
    try {
      await this._hass?.callService(domain, service, data, { entity_id: entity });
      return true;
    } catch (error) {
      const told = error instanceof Error ? error.message : String(/** @type {{ message?: string }} */ (error)?.message ?? error);
      this.trouble = fill(this.scene.texts.failed, { error: told });
      return false;
    } finally {
      this.showTrouble();
    }
  }

  /** Read the drawing with the arrow keys. @param {KeyboardEvent} event */
  stepCursor(event) {
    const chart = /** @type {Element} */ (event.target).closest?.("[data-chart]");
    const span = chart && spanOf(this.scene);
    if (!span) return;
    const slots = slotsOf(this.scene, span);
    const [first, last] = [slots[0]?.n ?? 0, slots[slots.length - 1]?.n ?? 0];
    const at = this.known.chosen.cursor ?? Number(chart.getAttribute("aria-valuenow"));
    /** @type {Record<string, number>} */
    const to = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: first, End: last };
    const found = to[event.key];
    if (found === undefined) return;
    event.preventDefault();
    this.known.chosen.cursor = Math.min(last, Math.max(first, found));
    this.ask();
  }

  /** Read the drawing with a pointer. @param {PointerEvent} event */
  point(event) {
    const chart = /** @type {Element} */ (event.target).closest?.("[data-chart]");
    const span = chart && spanOf(this.scene);
    if (!span) return;
    const x = event.clientX - chart.getBoundingClientRect().left;
    const at = span.start + ((x - span.left) / (span.right - span.left)) * (span.end - span.start);
    const slot = slotsOf(this.scene, span).find((one) => at >= one.from && at < one.to);
    if (slot && slot.n !== this.known.chosen.cursor) {
      this.known.chosen.cursor = slot.n;
      this.ask();
    }
  }
}

/** A strategy is asked by the name of an element; it never stands on a page. */
class DashboardStrategy extends HTMLElement {
  /** @param {Hass} hass */
  static getCreateSuggestions(hass) {
    return suggestions(hass);
  }

  /**
   * @param {unknown} _config
   * @param {Hass} hass
   */
  static generate(_config, hass) {
    return generate(hass);
  }
}

// What tells Home Assistant that it is there

/**
 * @param {string} name
 * @param {CustomElementConstructor} element
 */
function define(name, element) {
  // An older release may still be there in a page that was open during an upgrade.
  if (!customElements.get(name)) customElements.define(name, element);
}

/**
 * @param {"customCards" | "customStrategies"} list
 * @param {Record<string, unknown>} item
 */
function offer(list, item) {
  const page = /** @type {Record<string, Record<string, unknown>[]>} */ (/** @type {unknown} */ (window));
  const items = (page[list] ??= []);
  if (!items.some(({ type }) => type === item.type)) items.push(item);
}

define(TYPE, AutoconsommationCard);
define(`ll-strategy-dashboard-${STRATEGY}`, DashboardStrategy);
const texts = pageTexts();
offer("customCards", {
  type: TYPE,
  name: texts.name,
  description: texts.description,
  preview: true,
  getEntitySuggestion: (/** @type {Hass} */ hass, /** @type {string} */ entityId) => {
    const face = faceFor(hass, entityId);
    return face && { config: { type: `custom:${TYPE}`, face }, label: textsOf(hass.locale.language)[`face_${face}`] };
  },
});
offer("customStrategies", {
  type: STRATEGY,
  strategyType: "dashboard",
  name: texts.dashboard_name,
  description: texts.dashboard_description,
});
