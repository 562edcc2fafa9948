// The card as an element of the page: what it follows, and when it draws.

import { CARD, checked, configForm } from "./editor.js";
import { DOMAIN, entityOf } from "./entities.js";
import { OUTLOOK, renderDay } from "./faces/day.js";
import { renderMonth } from "./faces/month.js";
import { renderNow } from "./faces/now.js";
import { LIVE, renderOperation } from "./faces/operation.js";
import { renderOrganised } from "./faces/organised.js";
import { chosenOf, followAnswer, followMemberships, followTold } from "./feed.js";
import { fill, Format } from "./format.js";
import { html } from "./html.js";
import { STYLES } from "./styles.js";
import { textsOf } from "./texts.js";
import { Touch } from "./touch.js";

/** @typedef {import("./types.js").Hass} Hass */
/** @typedef {import("./types.js").Scene} Scene */
/** @typedef {import("./types.js").CardConfig} CardConfig */
/** @typedef {import("./types.js").FaceName} FaceName */
/** @typedef {import("./types.js").Membership} Membership */

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

export class AutoconsommationCard extends HTMLElement {
  constructor() {
    super();
    this.root = this.attachShadow({ mode: "open" });
    this.root.innerHTML = `<style>${STYLES}</style><ha-card>
      <p class="strip" role="status" hidden></p><div class="face"></div><p class="sr" role="status"></p></ha-card>`;
    /** @type {Hass | null} */
    this._hass = null;
    /** @type {CardConfig} */
    this.config = { type: CARD };
    /** @type {Omit<Scene, "hass" | "texts" | "format" | "config">} */
    this.known = {
      width: USUAL_WIDTH,
      membership: null,
      day: null,
      months: null,
      operation: null,
      organised: null,
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
    this.touch = new Touch(this.root, this);
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
    return configForm();
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
    const keys = { operation: LIVE, day: [OUTLOOK], now: [], month: [] }[this.face];
    const device = this.known.membership?.device_id;
    return keys.map((key) => hass.states[entityOf(hass, device, key) ?? ""]?.state).join(" ");
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
    this.follows.push(followMemberships(hass, this.config.config_entry, (told) => this.takeMemberships(hass, told)));
  }

  /**
   * @param {Hass} hass
   * @param {Membership[]} told
   */
  takeMemberships(hass, told) {
    const before = this.known.membership;
    this.memberships = told;
    const found = chosenOf(told, this.config.config_entry);
    this.known.membership = found ?? null;
    if (found && (found.config_entry !== before?.config_entry || this.follows.length < 2)) {
      this.follows.splice(1).forEach((stop) => stop());
      this.follows.push(this.followFace(hass, found));
    }
    this.ask();
  }

  /**
   * @param {Hass} hass
   * @param {Membership} one
   */
  followFace(hass, { config_entry, organises }) {
    const take = (/** @type {Partial<Scene>} */ news) => {
      Object.assign(this.known, news);
      this.shownAt = Date.now();
      this.ask();
    };
    const question = (/** @type {string} */ kind) => ({ type: `${DOMAIN}/${kind}`, config_entry });
    if (organises) {
      if (this.face !== "operation") return () => {};
      return followTold(hass, question("subscribe_organised"), (/** @type {{ organised?: import("./types.js").Organised }} */ { organised }) => take({ organised: organised ?? null }));
    }
    if (this.face === "month") return followAnswer(hass, question("months"), (/** @type {import("./types.js").Months} */ months) => take({ months }));
    if (this.face === "operation") return followAnswer(hass, question("operation"), (/** @type {import("./types.js").Operation} */ operation) => take({ operation }));
    const language = hass.locale.language;
    return followTold(hass, { ...question("subscribe_day"), language }, (/** @type {import("./types.js").Day} */ day) => {
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

  /** Draw soon, once for all that is new; not while nobody sees it, nor while it is in use. */
  ask(isAnew = false) {
    if (isAnew) this.drawn = "";
    if (this.isAsked || !this._hass || !this.isOnScreen || document.visibilityState === "hidden") return;
    this.isAsked = true;
    queueMicrotask(() => {
      this.isAsked = false;
      if (this._hass && !this.touch.isInUse) this.draw();
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
    if (membership.organises) return this.face === "operation" ? renderOrganised(scene) : notice(texts.for_members);
    if ((this.face === "now" || this.face === "day") && !day?.now) return notice(texts.waiting);
    return FACES[this.face].render(scene);
  }

  /** Say a new answer to who cannot see it; not each minute the same. @param {Scene} scene */
  announce({ texts, day }) {
    const said = /** @type {HTMLElement} */ (this.root.querySelector(".sr"));
    const word = day?.now ? (texts[`level_${day.now.level ?? "unknown"}`] ?? "") : "";
    if (said.textContent !== word) said.textContent = word;
  }

  /** @param {string} trouble */
  complain(trouble) {
    this.trouble = trouble;
    this.showTrouble();
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
}
