/** Debian's containerd: its API as we speak it, and containers while it is away. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  engineProgram,
  nativeContainersMissing,
  runProgramInNamespaces,
} from '../support/namespaces.ts';
import type { ContainerdReport } from '../support/run-containerd.ts';

const missing = nativeContainersMissing();

describe.skipIf(missing !== undefined).each(['runc', 'crun'])('containerd that calls %s', (oci) => {
  let report: ContainerdReport;

  beforeAll(async () => {
    engineProgram('containerd');
    const request = { binary: engineProgram(oci), cgroup: `/ishmael-containerd-${process.pid}` };
    report = (await runProgramInNamespaces('run-containerd.ts', request)) as ContainerdReport;
  });

  it('answers, and knows what it has', () => {
    expect(report.version).toMatch(/^1\.[67]\./);
    expect(report.namespaceTwice).toBe(true);
    expect(report.containers).toEqual(['long', 'short']);
    expect(report.tasks).toEqual(['long running', 'short running']);
    expect(report.metrics).toEqual([expect.stringMatching(/^long .*cgroups\.v2\.Metrics$/)]);
  });

  it('runs a command in a container', () => {
    expect(report.exec).toEqual([5, 'by containerd\n']);
  });

  it('tells what happens, until it is killed', () => {
    const at = (topic: string): string => `services.linuxkit /tasks/${topic}`;
    expect(report.topics).toEqual(
      expect.arrayContaining(['create', 'start', 'exec-added'].map(at)),
    );
    expect(report.topics.at(-1)).toBe('unavailable');
  });

  it('is no matter to a container that ends meanwhile, nor to a command in one', () => {
    expect(report.endedMeanwhile).toEqual({ kind: 'exited', code: 7 });
    expect(report.execMeanwhile).toEqual([{ kind: 'exited', code: 0 }, 'still here\n']);
  });

  it('finds what went on when it comes back', () => {
    expect(report.kept).toEqual(['long running']);
    expect(report.endedLater).toEqual({ kind: 'signaled', signal: 9, core: false });
  });

  it('has nothing left of them in the end', () => {
    expect(report.missing).toBe(true);
    expect(report.leftovers).toEqual([]);
    expect(report.shimsGone).toBe(true);
  });
});
