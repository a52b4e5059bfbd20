/**
 * Where LinuxKit's users look for logs, as links to where ours are: `/var/log/NAME.log` has what a service writes to its
 * standard error, `NAME.out.log` the other; those of tasks are in `/run/log/onboot`, which `/var/log/onboot` leads to. Pure.
 */
import { type Manifest, onbootId, onshutdownId } from '../manifest.ts';

export interface LogLink {
  readonly path: string;
  readonly target: string;
}

type Units = Pick<Manifest, 'onboot' | 'services' | 'onshutdown'>;

export function planLogLinks({ onboot, services, onshutdown }: Units, logDir: string): LogLink[] {
  const linksOf = (path: string, id: string): LogLink[] => [
    { path: `${path}.log`, target: `${logDir}/${id}/stderr.log` },
    { path: `${path}.out.log`, target: `${logDir}/${id}/stdout.log` },
  ];
  const tasks = (kind: string, names: readonly string[], idOf: typeof onbootId): LogLink[] => {
    if (names.length === 0) return [];
    const dir = `${logDir}/${kind}`;
    return [
      { path: `/var/log/${kind}`, target: dir },
      ...names.flatMap((name, index) =>
        linksOf(`${dir}/${kind}.${onbootId(index, name)}`, idOf(index, name)),
      ),
    ];
  };
  const names = (list: readonly { readonly name: string }[]): string[] =>
    list.map(({ name }) => name);
  return [
    ...tasks('onboot', names(onboot), onbootId),
    ...tasks('shutdown', names(onshutdown), onshutdownId),
    ...names(services).flatMap((name) => linksOf(`/var/log/${name}`, name)),
  ];
}
