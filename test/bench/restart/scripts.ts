/**
 * What the shell in the guest runs to restart a container: by killing it, so that PID 1 does, and by calling
 * the runtime itself as PID 1 calls it, for a bundle of the same kind. Pure: text, and reading the answers.
 * Times are the guest's wall clock in seconds, by `$EPOCHREALTIME`, which costs the shell no process.
 */
import type { RuntimeName } from '../service-images.ts';

/** So long a restart may take; waiting by `sleep` keeps the processor free for it. */
const PATIENCE_SECONDS = 4;

/** Kills the first process of the service and waits for the time that its next one writes. */
export function killScript(id: string): string {
  return [
    `read -r pid </sys/fs/cgroup/services/${id}/cgroup.procs`,
    'killed=$EPOCHREALTIME',
    'kill -9 "$pid"',
    `sleep ${PATIENCE_SECONDS}`,
    `echo "killed $killed running $(tail -n 1 /run/log/${id}/stdout.log | cut -d ' ' -f 2)"`,
  ].join('\n');
}

const HAND = '/run/by-hand';

/**
 * Makes a bundle like that of the service, a fresh overlay over its image's directory included, and then
 * calls `create` and `start`: only these two are timed.
 */
export function handScript(runtime: RuntimeName, id: string): string {
  const bundle = `${HAND}/bundle`;
  const call = `${runtime} --root ${HAND}/runtime --log ${HAND}/log --log-format json`;
  return [
    `mkdir -p ${bundle}/rootfs ${bundle}/writable`,
    `sed 's#/services/${id}"#/services/by-hand"#' /run/ishmael/bundles/${id}/config.json >${bundle}/config.json`,
    `lower=$(sed -n 's#.* /run/ishmael/bundles/${id}/rootfs .*lowerdir=\\([^,]*\\),.*#\\1#p' /proc/mounts)`,
    `mount -t tmpfs -o mode=700,size=50% tmpfs ${bundle}/writable`,
    `mkdir ${bundle}/writable/upper ${bundle}/writable/work`,
    `mount -t overlay -o lowerdir=$lower,upperdir=${bundle}/writable/upper,workdir=${bundle}/writable/work overlay ${bundle}/rootfs`,
    'begin=$EPOCHREALTIME',
    `${call} create --bundle ${bundle} --pid-file ${bundle}/pid by-hand </dev/null >${HAND}/out 2>&1`,
    'created=$EPOCHREALTIME',
    `${call} start by-hand </dev/null >/dev/null 2>&1`,
    'started=$EPOCHREALTIME',
    'sleep 1',
    `echo "begin $begin created $created started $started running $(tail -n 1 ${HAND}/out)"`,
    `${call} delete --force by-hand`,
    `umount ${bundle}/rootfs ${bundle}/writable`,
  ].join('\n');
}

/** The times in an answer by their names, in milliseconds. Throws when one of `names` is missing. */
export function readTimes<Name extends string>(
  answer: string,
  names: readonly Name[],
): Record<Name, number> {
  const times = names.map((name) => {
    const match = new RegExp(`\\b${name} (\\d+\\.\\d+)\\b`).exec(answer);
    if (match === null) throw new Error(`The guest does not tell when it was "${name}": ${answer}`);
    return [name, Number(match[1]) * 1000];
  });
  return Object.fromEntries(times) as Record<Name, number>;
}
