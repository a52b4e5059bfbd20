/**
 * `ishmael.*` annotations of a container in a LinuxKit image: what its YAML can say of supervision, since LinuxKit's
 * schema has no words for it. Each is a text; the words are those of our own YAML. Pure.
 */
import { signalNumber } from '../../sys/exit.ts';
import {
  type Condition,
  DEFAULT_HEALTH_CHECK,
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_ONSHUTDOWN_POLICY,
  DEFAULT_SERVICE_POLICY,
  type Dependency,
  type HealthCheck,
  type OnbootPolicy,
  type Readiness,
  type RestartRule,
  type ServicePolicy,
  type TaskPolicy,
} from '../service/policy.ts';
import { parseProbe } from './probe-text.ts';

export const PREFIX = 'ishmael.';

/** What is wrong with an `ishmael.*` annotation, without the file that it stands in. */
export class AnnotationError extends Error {
  override readonly name = 'AnnotationError';
}

export interface ServiceAnnotations {
  readonly policy: ServicePolicy;
  readonly engine?: 'containerd';
}

type Annotations = Readonly<Record<string, string>>;

const SERVICE_WORDS = [
  'restart',
  'stopSignal',
  'stopTimeout',
  'startTimeout',
  'successExitStatus',
  'readiness',
  'healthcheck',
  'healthcheck.interval',
  'healthcheck.timeout',
  'healthcheck.retries',
  'healthcheck.startPeriod',
  'healthcheck.startInterval',
  'healthcheck.onUnhealthy',
  'essential',
  'dependsOn',
  'engine',
];
/** Of the container itself, whatever kind of unit it is. */
const WRITABLE_SIZE = 'writableSize';
const TASK_WORDS = ['timeout', 'stopSignal', 'stopTimeout', 'successExitStatus'];

/** Throws `AnnotationError`. A name in `dependsOn` may be one that there is not: who has all names looks. */
export function serviceAnnotations(annotations: Annotations): ServiceAnnotations {
  const words = wordsOf(annotations, SERVICE_WORDS);
  const health = healthOf(words);
  const engine = words.take('engine', oneOf(['containerd', 'direct']));
  const policy: ServicePolicy = {
    ...DEFAULT_SERVICE_POLICY,
    restart: words.take('restart', restartOf) ?? DEFAULT_SERVICE_POLICY.restart,
    ...ends(words, DEFAULT_SERVICE_POLICY),
    startTimeoutMs: words.take('startTimeout', duration) ?? DEFAULT_SERVICE_POLICY.startTimeoutMs,
    essential: words.take('essential', oneOf(['true', 'false'])) === 'true',
    ...words.take('dependsOn', dependenciesOf),
    ...given('readiness', words.take('readiness', readinessOf)),
    ...given('health', health),
  };
  if (policy.readiness?.kind === 'health' && health === undefined) {
    throw new AnnotationError('ishmael.readiness is health, and there is no ishmael.healthcheck');
  }
  return { policy, ...(engine === 'containerd' ? { engine } : {}) };
}

export function onbootAnnotations(annotations: Annotations): OnbootPolicy {
  const words = wordsOf(annotations, [...TASK_WORDS, 'onFailure']);
  return {
    ...taskOf(words, DEFAULT_ONBOOT_POLICY),
    onFailure: words.take('onFailure', oneOf(['continue', 'halt', 'reboot'])) ?? 'continue',
  };
}

export function onshutdownAnnotations(annotations: Annotations): TaskPolicy {
  return taskOf(wordsOf(annotations, TASK_WORDS), DEFAULT_ONSHUTDOWN_POLICY);
}

/** How much a container may write above its image, in the words of tmpfs(5). Throws `AnnotationError`. */
export function writableSizeOf(annotations: Annotations): string | undefined {
  return readWord(annotations, WRITABLE_SIZE, (text) =>
    /^([1-9]\d*[kmg]?|[1-9]\d?%)$/i.test(text) ? text : undefined,
  );
}

interface Words {
  take<T>(word: string, read: (text: string) => T | undefined): T | undefined;
}

function wordsOf(annotations: Annotations, words: readonly string[]): Words {
  const known = [...words, WRITABLE_SIZE];
  const ours = Object.keys(annotations).filter((key) => key.startsWith(PREFIX));
  const unknown = ours.find((key) => !known.includes(key.slice(PREFIX.length)));
  if (unknown !== undefined) {
    throw new AnnotationError(`there is no annotation ${unknown} here: ${known.join(', ')}`);
  }
  return { take: (word, read) => readWord(annotations, word, read) };
}

function readWord<T>(
  annotations: Annotations,
  word: string,
  read: (text: string) => T | undefined,
): T | undefined {
  const text = annotations[PREFIX + word];
  if (text === undefined) return undefined;
  const value = read(text);
  if (value === undefined)
    throw new AnnotationError(`cannot make sense of ${PREFIX}${word}: "${text}"`);
  return value;
}

function taskOf(words: Words, defaults: TaskPolicy): TaskPolicy {
  const timeoutMs = words.take('timeout', duration) ?? defaults.timeoutMs;
  return { ...ends(words, defaults), ...given('timeoutMs', timeoutMs) };
}

function ends(
  words: Words,
  defaults: TaskPolicy,
): Pick<TaskPolicy, 'stopSignal' | 'stopTimeoutMs' | 'successExitStatus'> {
  return {
    stopSignal: words.take('stopSignal', signal) ?? defaults.stopSignal,
    stopTimeoutMs: words.take('stopTimeout', duration) ?? defaults.stopTimeoutMs,
    successExitStatus: words.take('successExitStatus', statuses) ?? defaults.successExitStatus,
  };
}

function restartOf(text: string): RestartRule | undefined {
  const [kind = '', limit, ...rest] = text.split(':');
  if (kind !== 'on-failure') {
    const known = (['no', 'always', 'unless-stopped'] as const).find((each) => each === kind);
    return known === undefined || limit !== undefined ? undefined : { kind: known };
  }
  if (rest.length > 0 || (limit !== undefined && !/^\d+$/.test(limit))) return undefined;
  const maxRestarts = Number(limit ?? 0);
  // Docker's zero: no limit.
  return maxRestarts === 0 ? { kind } : { kind, maxRestarts };
}

function readinessOf(text: string): Readiness | undefined {
  if (text === 'health' || text === 'notify') return { kind: text };
  const fd = /^fd:([3-9])$/.exec(text)?.[1];
  return fd === undefined ? undefined : { kind: 'fd', fd: Number(fd) };
}

function healthOf(words: Words): HealthCheck | undefined {
  const probe = words.take('healthcheck', parseProbe);
  if (probe === undefined) return undefined;
  const ms = (word: string, otherwise: number): number =>
    words.take(`healthcheck.${word}`, duration) ?? otherwise;
  const { intervalMs, timeoutMs, startPeriodMs, startIntervalMs, ...defaults } =
    DEFAULT_HEALTH_CHECK;
  return {
    probe,
    intervalMs: ms('interval', intervalMs),
    timeoutMs: ms('timeout', timeoutMs),
    retries: words.take('healthcheck.retries', count) ?? defaults.retries,
    startPeriodMs: ms('startPeriod', startPeriodMs),
    startIntervalMs: ms('startInterval', startIntervalMs),
    onUnhealthy:
      words.take('healthcheck.onUnhealthy', oneOf(['none', 'restart'])) ?? defaults.onUnhealthy,
  };
}

/** `redis, db:healthy, 000-format:completed, network, path:/run/x, time:set`: what is waited for. */
function dependenciesOf(
  text: string,
):
  | { readonly dependsOn: readonly Dependency[]; readonly waitsFor: readonly Condition[] }
  | undefined {
  const dependsOn: Dependency[] = [];
  const waitsFor: Condition[] = [];
  for (const item of text.split(',').map((each) => each.trim())) {
    const [name = '', what] = item.split(/:(.*)/s, 2);
    const condition = conditionOf(name, what);
    const asked = (['started', 'healthy', 'completed'] as const).find(
      (each) => each === (what ?? 'started'),
    );
    if (condition !== undefined) waitsFor.push(condition);
    else if (name === '' || asked === undefined) return undefined;
    else dependsOn.push({ unit: name, condition: asked, required: true });
  }
  return { dependsOn, waitsFor };
}

function conditionOf(name: string, what: string | undefined): Condition | undefined {
  if (name === 'network')
    return what === undefined ? { kind: 'network' } : { kind: 'network', interface: what };
  if (name === 'path' && what?.startsWith('/') === true) return { kind: 'path', path: what };
  if (name === 'time' && (what === 'set' || what === 'synchronized'))
    return { kind: 'time', is: what };
  return undefined;
}

const UNIT_MS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** `10s`, `1m30s`, `500ms`; more than nothing. Timers go up to 2³¹ ms. */
function duration(text: string): number | undefined {
  const [, h, m, s, ms] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text) ?? [];
  const total =
    Number(h ?? 0) * UNIT_MS.h +
    Number(m ?? 0) * UNIT_MS.m +
    Number(s ?? 0) * UNIT_MS.s +
    Number(ms ?? 0);
  return total > 0 && total < 2 ** 31 ? total : undefined;
}

function signal(text: string): number | undefined {
  const number = signalNumber(text.toUpperCase());
  return number !== undefined && number >= 1 && number <= 64 ? number : undefined;
}

function statuses(text: string): readonly number[] | undefined {
  const codes = text.split(',').map((each) => each.trim());
  if (!codes.every((code) => /^\d{1,3}$/.test(code) && Number(code) <= 255)) return undefined;
  return codes.map(Number);
}

function count(text: string): number | undefined {
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined;
}

function oneOf<T extends string>(known: readonly T[]): (text: string) => T | undefined {
  return (text) => known.find((each) => each === text);
}

function given<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: T });
}
