// Numbers, money and times as the user writes them; a unit stays on the line of its number.

const HALF_DAY = 12 * 60;

/** @type {Record<string, string | undefined>} */
const NUMBER_LANGUAGES = {
  comma_decimal: "en-US",
  decimal_comma: "de",
  space_comma: "fr",
  quote_decimal: "de-CH",
};

export class Format {
  /**
   * @param {{ language: string, number_format?: string, time_format?: string }} locale
   * @param {string} timeZone
   */
  constructor(locale, timeZone) {
    this.language = locale.language;
    this.isFrench = locale.language.split("-")[0] === "fr";
    this.timeZone = timeZone;
    const told = locale.number_format ?? "language";
    this.numberLanguage = NUMBER_LANGUAGES[told] ?? locale.language;
    this.timeFormat = locale.time_format ?? "language";
    this.clockParts = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    this.dayOf = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
  }

  /**
   * @param {number} value
   * @param {number} decimals
   */
  number(value, decimals) {
    return new Intl.NumberFormat(this.numberLanguage, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    }).format(value);
  }

  /**
   * An energy: to a tenth, whole from a hundred on; a dash where it is not known.
   * @param {number | null | undefined} kwh
   */
  kwh(kwh) {
    if (kwh === null || kwh === undefined) return "–";
    return `${this.number(kwh, Math.abs(kwh) < 99.95 ? 1 : 0)}\u00a0kWh`;
  }

  /** @param {number | null | undefined} eur */
  eur(eur) {
    if (eur === null || eur === undefined) return "–";
    return new Intl.NumberFormat(this.numberLanguage, {
      style: "currency",
      currency: "EUR",
    }).format(eur);
  }

  /** @param {number | null | undefined} rate in [0, 1] */
  percent(rate) {
    if (rate === null || rate === undefined) return "–";
    return `${this.number(100 * rate, 0)}\u00a0%`;
  }

  /** @param {number} watts */
  power(watts) {
    if (watts < 1000) return `${this.number(watts, 0)}\u00a0W`;
    return `${this.number(watts / 1000, watts % 1000 ? 1 : 0)}\u00a0kW`;
  }

  /**
   * Minutes since local midnight by the clock on the wall.
   * @param {number} at milliseconds since 1970
   */
  minutes(at) {
    const [hour, minute] = this.clockParts.format(at).split(":").map(Number);
    return 60 * (hour ?? 0) + (minute ?? 0);
  }

  /**
   * The instant of a local day at which the clock on the wall shows so many minutes.
   * @param {number} midnight of that day, milliseconds since 1970
   * @param {number} minutes
   */
  atMinutes(midnight, minutes) {
    const guess = midnight + minutes * 60_000;
    // Where the clocks changed since midnight it shows another time, perhaps of another day.
    const off = ((minutes - this.minutes(guess) + HALF_DAY + 2 * HALF_DAY) % (2 * HALF_DAY)) - HALF_DAY;
    return guess + off * 60_000;
  }

  /**
   * A time as the clock on the wall shows it.
   * @param {number} minutes since midnight
   */
  clock(minutes) {
    const hour = Math.floor(minutes / 60) % 24;
    const minute = String(minutes % 60).padStart(2, "0");
    if (this.isFrench && this.timeFormat !== "12") {
      return minute === "00" ? `${hour} h` : `${hour} h ${minute}`;
    }
    const is12 = this.timeFormat === "12" || (this.timeFormat === "language" && this.uses12);
    if (!is12) return `${String(hour).padStart(2, "0")}:${minute}`;
    return `${hour % 12 || 12}${minute === "00" ? "" : `:${minute}`} ${hour < 12 ? "AM" : "PM"}`;
  }

  get uses12() {
    const shown = new Intl.DateTimeFormat(this.language, { hour: "numeric" });
    return shown.resolvedOptions().hour12 === true;
  }

  /** @param {string | number} at */
  time(at) {
    return this.clock(this.minutes(typeof at === "number" ? at : Date.parse(at)));
  }

  /**
   * Local day of an instant, YYYY-MM-DD.
   * @param {string | number} at
   */
  day(at) {
    return this.dayOf.format(typeof at === "number" ? at : Date.parse(at));
  }

  /**
   * The weekday and the date.
   * @param {string | number} at
   */
  date(at) {
    return new Intl.DateTimeFormat(this.language, {
      timeZone: this.timeZone,
      weekday: "long",
      day: "numeric",
      month: "long",
    }).format(typeof at === "number" ? at : Date.parse(at));
  }

  /**
   * A day of the calendar, in a few letters.
   * @param {string} day YYYY-MM-DD
   */
  shortDate(day) {
    const told = { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" };
    return new Intl.DateTimeFormat(this.language, /** @type {Intl.DateTimeFormatOptions} */ (told)).format(Date.parse(`${day}T12:00Z`));
  }

  /**
   * A month in full, or in a few letters.
   * @param {string} month YYYY-MM
   * @param {"long" | "short" | "narrow"} length
   */
  month(month, length = "long") {
    return new Intl.DateTimeFormat(this.language, {
      timeZone: "UTC",
      month: length,
      ...(length === "long" && { year: "numeric" }),
    }).format(Date.parse(`${month}-15T12:00Z`));
  }
}

/**
 * A text with its placeholders filled in.
 * @param {string | undefined} text
 * @param {Record<string, unknown>} values
 */
export function fill(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
