/** `parseArgs` of Node with our kind of errors, and readers for the values of options. Pure. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ARCH_NAMES, type ArchName } from '../arch.ts';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import type { RegistryMirror } from '../image/pull-image.ts';
import { isMachineName, LONGEST_NAME } from '../machine/machine-name.ts';
import { type AccelRequest } from '../run/accel.ts';
import { type PortForward, parsePortForward } from '../run/port-forward.ts';
import { UsageError } from './cli-error.ts';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

type Parsed<Options extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; args: string[]; allowPositionals: true; strict: true }>
>;

/** Throws `UsageError`, which names the option. */
export function parseOptions<const Options extends OptionsConfig>(
  args: readonly string[],
  options: Options,
): Parsed<Options> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    if (errnoCode(error)?.startsWith('ERR_PARSE_ARGS_') !== true) throw error;
    // Node's advice about positional arguments goes on for two more sentences.
    const message = errorMessage(error).split('. ')[0] ?? '';
    throw new UsageError(message, { cause: error });
  }
}

/** The only positional argument. */
export function onePositional(positionals: readonly string[], what: string): string {
  const [first, extra] = positionals;
  if (first === undefined) throw new UsageError(`Missing ${what}`);
  if (extra !== undefined) throw new UsageError(`Unexpected argument '${extra}' after ${what}`);
  return first;
}

/** Those that must be there, then those that may. `what` says what a missing one would have been. */
export function readPositionals(
  positionals: readonly string[],
  required: readonly string[],
  optional: readonly string[] = [],
): readonly string[] {
  const missing = required[positionals.length];
  if (missing !== undefined) throw new UsageError(`Missing ${missing}`);
  const extra = positionals[required.length + optional.length];
  if (extra === undefined) return positionals;
  const last = [...required, ...optional].at(-1) ?? '';
  throw new UsageError(`Unexpected argument '${extra}' after ${last}`);
}

/** At least one positional argument. */
export function somePositionals(positionals: readonly string[], what: string): readonly string[] {
  if (positionals.length === 0) throw new UsageError(`Missing ${what}`);
  return positionals;
}

/** Refuses positional arguments. */
export function noPositionals(positionals: readonly string[]): void {
  const [first] = positionals;
  if (first !== undefined) throw new UsageError(`Unexpected argument '${first}'`);
}

/** A whole number of at least `least`. */
export function readCount(option: string, text: string, least: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least) {
    throw new UsageError(`Option '${option}' wants a whole number from ${least}, not '${text}'`);
  }
  return value;
}

export function readAccel(text: string): AccelRequest {
  if (text === 'auto' || text === 'kvm' || text === 'tcg') return text;
  throw new UsageError(`Option '--accel' wants kvm, tcg or auto, not '${text}'`);
}

export function readForwards(texts: readonly string[]): PortForward[] {
  return texts.map((text) => {
    const forward = parsePortForward(text);
    if (forward !== undefined) return forward;
    throw new UsageError(`Option '--publish' wants HOST:GUEST (two TCP ports), not '${text}'`);
  });
}

/** A name that becomes part of file names. */
export function readImageName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(text)) return text;
  throw new UsageError(
    `Option '--name' wants letters, digits, '_', '.' and '-' (it begins file names), not '${text}'`,
  );
}

export function readArch(text: string): ArchName {
  const arch = ARCH_NAMES.find((name) => name === text);
  if (arch !== undefined) return arch;
  throw new UsageError(`Option '--arch' must be ${ARCH_NAMES.join(' or ')}, not '${text}'`);
}

export function readMirrors(texts: readonly string[]): RegistryMirror[] {
  return texts.map((text) => {
    const [registry = '', mirror = '', ...rest] = text.split('=');
    if (registry !== '' && mirror !== '' && rest.length === 0) return { registry, mirror };
    throw new UsageError(`Option '--mirror' wants REGISTRY=PLACE, not '${text}'`);
  });
}

/** A name that a new machine may have. */
export function readMachineName(text: string): string {
  if (isMachineName(text)) return text;
  throw new UsageError(
    `Option '--name' wants at most ${LONGEST_NAME} letters, digits, '_', '.' and '-', not '${text}'`,
  );
}
