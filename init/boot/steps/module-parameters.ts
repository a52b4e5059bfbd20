/**
 * Parameters of modules on the kernel's command line (`ramoops.mem_size=0x10000`). The kernel gives them to
 * code that is built in; for a module whoever loads it has to (kernel-parameters.rst). Pure.
 */
import { moduleName } from './modalias.ts';

/** In the form that finit_module(2) takes: `mem_size=0x10000 ecc=1`. */
export function moduleParameters(cmdline: string, module: string): string {
  const prefix = `${moduleName(module)}.`;
  // Quotes are the kernel's: they may hold spaces, and stand around the value or the whole word.
  const words: readonly string[] = cmdline.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  const end = words.indexOf('--');
  return (end === -1 ? words : words.slice(0, end))
    .map((word) => (word.startsWith('"') ? word.slice(1).replace(/"$/, '') : word))
    .flatMap((word) => {
      const dot = word.indexOf('.');
      const named = moduleName(word.slice(0, dot + 1)) === prefix;
      return dot > 0 && named ? [word.slice(dot + 1)] : [];
    })
    .join(' ');
}
