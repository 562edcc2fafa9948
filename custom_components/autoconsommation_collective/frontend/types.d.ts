// What the modules exchange: the parts of Home Assistant they use, and the answers they draw.

export interface Connection {
  subscribeMessage<T>(
    callback: (message: T) => void,
    message: Record<string, unknown>,
    options?: { resubscribe?: boolean },
  ): Promise<() => Promise<void>>;
  addEventListener(name: "ready" | "disconnected", callback: () => void): void;
  removeEventListener(name: "ready" | "disconnected", callback: () => void): void;
}

export interface EntityEntry {
  entity_id: string;
  platform?: string;
  translation_key?: string;
  device_id?: string;
}

export interface Hass {
  connection: Connection;
  connected: boolean;
  locale: { language: string; number_format?: string; time_format?: string };
  config: { time_zone: string; currency: string };
  user?: { is_admin: boolean };
  devices?: Record<string, { primary_config_entry?: string | null } | undefined>;
  states: Record<string, { state: string; attributes: Record<string, unknown> } | undefined>;
  entities: Record<string, EntityEntry>;
  formatEntityState?(state: Hass["states"][string]): string;
  callWS<T>(message: Record<string, unknown>): Promise<T>;
  callService(
    domain: string,
    service: string,
    data?: Record<string, unknown>,
    target?: { entity_id: string },
  ): Promise<unknown>;
}

export type FaceName = "now" | "day" | "month" | "operation";

export interface CardConfig {
  type: string;
  face?: FaceName;
  config_entry?: string;
  title?: string;
  hide_loads?: boolean;
}

export interface Membership {
  config_entry: string;
  title: string;
  loaded: boolean;
  device_id: string | null;
  organises: boolean;
}

export type Level = "avoid" | "neutral" | "good" | "excellent";

export interface Window {
  start: string;
  end: string;
  energy_kwh: number | null;
}

export interface Now {
  at: string;
  level: Level | null;
  reason: string | null;
  window: Window | null;
  confidence: "low" | "medium" | "high" | null;
  allocated_today_kwh: number | null;
}

export interface Step {
  start: string;
  end: string;
  consumption_kwh: number | null;
  allocated_low_kwh: number | null;
  allocated_kwh: number | null;
  allocated_high_kwh: number | null;
  supplier_eur_per_kwh: number | null;
  level: Level;
}

export interface Ahead {
  steps: Step[];
  windows: Window[];
  missing: string[];
  time_zone: string;
  today: string;
  tomorrow: string;
  end: string;
  step_minutes: number;
  attribution: string | null;
}

export interface Run {
  start: string;
  end: string;
  kwh: number;
  covered_kwh: number;
}

export interface Load {
  id: string;
  name: string;
  status: string;
  reason: string;
  is_controlled: boolean;
  kind: string;
  ready_by: string | null;
  device_id: string | null;
  runs: Run[];
  ran: Run[];
}

export interface Day {
  loaded: boolean;
  now?: Now;
  ahead?: Ahead;
  past?: { consumption_kwh: (number | null)[]; allocated_kwh: (number | null)[] };
  loads?: Record<string, Load>;
}

export interface Shared {
  production_kwh: number | null;
  shared_kwh: number | null;
  surplus_kwh: number | null;
  self_consumption_rate: number | null;
}

export interface HomeTotals {
  consumption_kwh: number | null;
  allocated_kwh: number | null;
  supplier_kwh: number | null;
  self_production_rate: number | null;
  injected_kwh: number | null;
  surplus_kwh: number | null;
  saved_eur: number | null;
  operation: Shared | null;
}

export type Basis = "settled" | "bill" | "provisional" | "estimated";

export interface Month extends HomeTotals {
  month: string;
  basis: Basis;
  known_part: number;
}

export interface Year extends HomeTotals {
  first: string;
  last: string;
  n_months: number;
}

export interface Months {
  produces: boolean;
  months: Month[];
  year: Year | null;
}

export interface SharedMonth extends Shared {
  month: string;
  basis: Basis | null;
}

export interface Operation {
  name: string | null;
  members: number | null;
  household_plants: number | null;
  other_plants: number | null;
  months: SharedMonth[];
  year: (Shared & { first: string; last: string; n_months: number }) | null;
}

/** What is to be done for a month, and by which day. */
export interface Duty {
  month: string;
  duty: string;
  due: string;
}

/** An operation as its organiser sees it. */
export interface Organised {
  name: string;
  members: number;
  consumers: number;
  producers: number;
  months: SharedMonth[];
  has_deadlines: boolean;
  next: Duty | null;
  late: Duty[];
  is_published: boolean;
  unpublished: string[];
}

/** What a person chose on the card; it is kept by nobody. */
export interface Chosen {
  day: "today" | "tomorrow";
  load: string | null;
  month: string | null;
  period: "month" | "year";
  cursor: number | null;
  table: boolean;
  drafts: Record<string, string>;
}

/** All that a face is drawn from. */
export interface Scene {
  hass: Hass;
  config: CardConfig;
  texts: Record<string, string>;
  format: import("./format.js").Format;
  width: number;
  membership: Membership | null;
  day: Day | null;
  months: Months | null;
  operation: Operation | null;
  organised: Organised | null;
  chosen: Chosen;
}
