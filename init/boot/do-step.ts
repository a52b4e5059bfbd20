/**
 * How each kind of boot step is done. `root` is a prefix for every path, '' on the machine itself, so
 * that a test can give a directory.
 */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sys } from '../../sys/sys.ts';
import { encodeLinkUp, LOOPBACK_INDEX } from '../../sys/netlink/message.ts';
import type { DiskLinks } from '../disk-links/disk-links.ts';
import type { BootStep } from './plan.ts';
import { enableControllers } from './steps/cgroups.ts';
import { setClockFromRtc } from './steps/clock.ts';
import { coldplug } from './steps/coldplug.ts';
import { linkDevices } from './steps/device-links.ts';
import { setHostname } from './steps/hostname.ts';
import { setLimits } from './steps/limits.ts';
import { makeRootPivotable, mountFilesystem } from './steps/mounts.ts';
import type { ModuleLoader } from './steps/modules.ts';
import { setPanicTimeout } from './steps/panic.ts';
import { endOwnProcesses } from './steps/own-processes.ts';
import { savePstore } from './steps/pstore.ts';
import { makeResolvConf } from './steps/resolv-conf.ts';
import { writeKnownSysctls, writeSysctls } from './steps/sysctl.ts';
import { layOutVar } from './steps/var-layout.ts';

export interface StepContext {
  readonly sys: Sys;
  readonly root: string;
  readonly modules: ModuleLoader;
  readonly diskLinks: Pick<DiskLinks, 'update'>;
  readonly tell: (severity: 'warning', text: string) => void;
}

/** A disk that does not answer holds up no boot: its links, and those of disks after it, come when it has. */
const DISKS_MS = 3000;

async function patiently(links: Promise<void>): Promise<string | undefined> {
  const late = delay(DISKS_MS, 'a disk does not answer', { ref: false });
  return Promise.race([links.then(() => undefined), late]);
}

/** Returns why the step was skipped; `undefined` when it was done. */
export async function doStep(context: StepContext, step: BootStep): Promise<string | undefined> {
  const { sys, root, modules } = context;
  switch (step.kind) {
    case 'make-root-pivotable':
      return makeRootPivotable(sys);
    case 'mount':
      if (step.module !== undefined && existsSync(`${root}${step.target}`)) {
        await modules.load(step.module);
      }
      return mountFilesystem(sys, root, step);
    case 'remount':
      sys.mount('', step.target, '', step.flags, '');
      return undefined;
    case 'device-links':
      return linkDevices(root);
    case 'var-layout':
      return layOutVar(root);
    case 'end-own-processes':
      return endOwnProcesses(sys, root);
    case 'cgroups':
      return enableControllers(root);
    case 'sysctl':
      return step.optional === true
        ? writeKnownSysctls(root, step.values)
        : writeSysctls(root, step.values);
    case 'panic':
      return setPanicTimeout(root, step.timeout);
    case 'limits':
      return setLimits(sys, step.coreFiles);
    case 'hostname':
      return setHostname(sys, root, step.fallback);
    case 'resolv-conf':
      return makeResolvConf(root);
    case 'loopback':
      sys.rtnetlink(encodeLinkUp(LOOPBACK_INDEX));
      return undefined;
    case 'clock':
      return setClockFromRtc(sys, root);
    case 'load-modules':
      await modules.loadListed(step.modules);
      modules.checkFailures();
      return undefined;
    case 'pstore':
      return savePstore(root, modules, context.tell);
    case 'disk-links':
      return patiently(context.diskLinks.update());
    case 'coldplug':
      await coldplug(root, modules);
      modules.checkFailures();
      return undefined;
  }
}
