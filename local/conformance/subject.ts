/** What a case names, made of the library's parts: assigners, triggers, and the other things that refuse settings. */
import {
  globalWindows,
  session,
  sliding,
  tumbling,
  type WindowAssigner,
} from '../../functions/stream/assigner.ts';
import { days } from '../../functions/stream/days.ts';
import { IdlenessTimer } from '../../functions/stream/idleness.ts';
import { hours, stream } from '../../functions/stream/job.ts';
import type { Rules } from '../../functions/stream/rules.ts';
import {
  continuousEventTime,
  count,
  eventTime,
  never,
  purging,
  type Trigger,
} from '../../functions/stream/trigger.ts';
import { boundedOutOfOrderness } from '../../functions/stream/watermark.ts';
import type { AssignerSpec, TriggerSpec } from './case.ts';

/** The table itself asks for something that does not exist. */
export class UnknownSubject extends Error {
  override readonly name = 'UnknownSubject';
}

type Make<T> = (spec: Readonly<Record<string, unknown>>, rules: Rules) => T;

const ASSIGNERS: Readonly<Record<string, Make<WindowAssigner>>> = {
  tumbling: (spec, rules) => tumbling(number(spec, 'sizeMs'), number(spec, 'offsetMs', 0), rules),
  sliding: (spec, rules) =>
    sliding(number(spec, 'sizeMs'), number(spec, 'slideMs'), number(spec, 'offsetMs', 0), rules),
  session: (spec) => session(number(spec, 'gapMs')),
  global: () => globalWindows(),
  days: (spec) => days({ zone: String(spec.zone) }),
};

const OTHERS: Readonly<Record<string, Make<unknown>>> = {
  idleness: (spec, rules) => new IdlenessTimer(number(spec, 'timeoutMs'), rules),
  watermark: (spec) => boundedOutOfOrderness(number(spec, 'maxOutOfOrdernessMs')),
  boundedOutOfOrderness: (spec) => boundedOutOfOrderness(number(spec, 'maxOutOfOrdernessMs')),
  allowedLateness: (spec) => windowedByDay().allowedLateness(number(spec, 'latenessMs')),
  count: (spec) => count(number(spec, 'count')),
  continuousEventTime: (spec) => continuousEventTime(number(spec, 'intervalMs')),
};

const windowedByDay = () =>
  stream<number>('any')
    .timestampBy((time) => time)
    .keyBy(String)
    .window(tumbling(hours(24)));

/** The assigner that a case names. Throws a RangeError where the assigner refuses, UnknownSubject if there is none. */
export function makeAssigner(spec: AssignerSpec, rules: Rules): WindowAssigner {
  return pick(ASSIGNERS, 'assigner', spec.type)(spec, rules);
}

/** Makes whatever an `invalid` case names, which should throw a RangeError. */
export function makeAnything(spec: AssignerSpec, rules: Rules): void {
  pick({ ...ASSIGNERS, ...OTHERS }, 'assigner', spec.type)(spec, rules);
}

const TRIGGERS: Readonly<Record<string, Make<Trigger>>> = {
  eventtime: () => eventTime(),
  count: (spec) => count(number(spec, 'count')),
  continuouseventtime: (spec) => continuousEventTime(number(spec, 'intervalMs')),
  never: () => never(),
};

/**
 * The trigger that a case names: `eventTime`, `eventTimePurging`, `count(4)`, `countPurging` with `count` beside
 * it, `continuousEventTime(2000)`, `never`, or an object `{"type": "count", "count": 4, "purging": true}`.
 */
export function makeTrigger(trigger: TriggerSpec, beside: Readonly<Record<string, unknown>>): Trigger {
  const spec = typeof trigger === 'string' ? { type: trigger } : trigger;
  const [, written = '', argument] = /^([a-z]+)(?:[(: ]+(\d+)\)?)?$/i.exec(spec.type) ?? [];
  const lower = written.toLowerCase();
  const purges = lower.includes('purging') || Reflect.get(spec, 'purging') === true;
  const name = lower.replace('purging', '').replace(/trigger$/, '');
  const full = name === 'continuous' ? 'continuouseventtime' : name;
  const settings = {
    ...beside,
    ...spec,
    ...(argument === undefined ? {} : { count: Number(argument), intervalMs: Number(argument) }),
  };
  const made = pick(TRIGGERS, 'trigger', full, spec.type)(settings, undefined as never);
  return purges ? purging(made) : made;
}

function pick<T>(table: Readonly<Record<string, T>>, what: string, name: string, written = name): T {
  if (Object.hasOwn(table, name)) return table[name]!;
  throw new UnknownSubject(
    `unknown ${what} ${JSON.stringify(written)}; known: ${Object.keys(table).join(', ')}`,
  );
}

function number(spec: Readonly<Record<string, unknown>>, field: string, otherwise?: number): number {
  const value = spec[field] === undefined ? otherwise : spec[field];
  if (value === undefined) throw new UnknownSubject(`${field} is missing`);
  // What is no number is for the library to refuse.
  return typeof value === 'number' ? value : Number.NaN;
}
