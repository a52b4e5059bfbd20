/**
 * Loads kernel modules without modprobe: the builder has put the chosen modules into the root,
 * uncompressed, with depmod's index beside them. Each module is loaded once.
 */
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errnoCode, errorMessage } from '../../../sys/errno.ts';
import { namesIfThere, textIfThere } from '../../../sys/if-there.ts';
import type { Sys } from '../../../sys/sys.ts';
import {
  fileModule,
  moduleName,
  type ModuleIndex,
  modulesFor,
  parseModuleIndex,
} from './modalias.ts';
import { moduleParameters } from './module-parameters.ts';

/** modules-load.d(5): one module a line, `#` and `;` begin comments. */
const LISTS = ['/usr/lib/modules-load.d', '/etc/modules-load.d'];

/** By `kernel.modules_disabled` of the machine's hardening. */
const CLOSED = 'a machine that gets new devices while it runs wants "hardening: {modules: false}"';

export interface ModuleLoader {
  /** Loads `names` and what modules-load.d lists; a module that the root lacks is built in. */
  loadListed(names: readonly string[]): Promise<void>;
  load(name: string): Promise<void>;
  /** Loads what matches a device's modalias. */
  loadFor(modalias: string): Promise<void>;
  /** Throws when the kernel refused modules since the last call, with its reasons. */
  checkFailures(): void;
}

/** One and the same where /usr is merged; an image of LinuxKit's builder may have the modules in either. */
function findModules(root: string, kernelRelease: string): string {
  const places = [`${root}/lib/modules`, `${root}/usr/lib/modules`];
  const found = places.find((place) => existsSync(`${place}/${kernelRelease}`)) ?? places[0];
  return `${found}/${kernelRelease}`;
}

export function createModuleLoader(
  sys: Sys,
  root: string,
  kernelRelease: string = release(),
): ModuleLoader {
  const directory = findModules(root, kernelRelease);
  const loaded = new Set<string>();
  const failures: string[] = [];
  let index: ModuleIndex | undefined;
  let cmdline: string | undefined;

  const theIndex = (): ModuleIndex => {
    index ??= parseModuleIndex(
      // A kernel with everything built in has no index, and needs none.
      textIfThere(`${directory}/modules.alias`) ?? '',
      textIfThere(`${directory}/modules.dep`) ?? '',
    );
    return index;
  };

  async function load(module: string): Promise<void> {
    for (const file of theIndex().files.get(module) ?? []) {
      if (loaded.has(file)) continue;
      loaded.add(file);
      if (existsSync(`${root}/sys/module/${fileModule(file)}/initstate`)) continue;
      // Loading one takes tens of milliseconds under emulation; the event loop turns in between.
      await nextTurn();
      cmdline ??= textIfThere(`${root}/proc/cmdline`) ?? '';
      try {
        sys.loadModule(`${directory}/${file}`, moduleParameters(cmdline, fileModule(file)));
      } catch (error) {
        // EEXIST: loaded already. ENODEV: this machine has no such device after all.
        const code = errnoCode(error);
        if (code === 'EPERM') failures.push(`${errorMessage(error)} (${CLOSED})`);
        else if (code !== 'EEXIST' && code !== 'ENODEV') failures.push(errorMessage(error));
      }
    }
  }

  return {
    load: (name) => load(moduleName(name)),
    checkFailures() {
      if (failures.length > 0) throw new Error(failures.splice(0).join('; '));
    },
    async loadListed(names) {
      const listed = LISTS.flatMap((list) => readList(`${root}${list}`));
      for (const name of [...names, ...listed]) await load(moduleName(name));
    },
    async loadFor(modalias) {
      for (const module of modulesFor(theIndex(), modalias)) await load(module);
    },
  };
}

function readList(directory: string): string[] {
  const files = (namesIfThere(directory) ?? []).filter((name) => name.endsWith('.conf'));
  return files.sort().flatMap((file) =>
    readFileSync(`${directory}/${file}`, 'utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !/^[#;]/.test(line)),
  );
}
