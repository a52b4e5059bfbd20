import { describe, expect, it } from 'vitest';
import { importsOf, readSource, repositoryFiles, withoutComments } from './source-files.ts';

/** What each layer may import of the repository, as beginnings of paths. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  sys: ['sys/'],
  'runc-shim': ['runc-shim/', 'sys/'],
  supervisor: ['supervisor/', 'runc-shim/', 'sys/'],
  init: ['init/', 'supervisor/', 'runc-shim/', 'sys/'],
  // The contracts with the guest, and the vocabulary of errors; none of it does anything on the host.
  build: [
    'build/',
    'components/',
    'supervisor/manifest.ts',
    'supervisor/root-files.ts',
    'supervisor/volume.ts',
    'supervisor/disk-volumes/disk-wish.ts',
    'supervisor/update/',
    // The model itself, which is pure: `replay` plays recorded events through it.
    'supervisor/service/',
    'supervisor/log/log-rules.ts',
    'supervisor/syslog/target.ts',
    // What the YAML says of the console, and how its password is hashed and compared.
    'supervisor/console/policy.ts',
    'supervisor/console/password-hash.ts',
    'supervisor/console/check-password.ts',
    'supervisor/control/api',
    'supervisor/control/client.ts',
    'supervisor/control/resync.ts',
    'supervisor/control/take-look.ts',
    // A client of the control API, too.
    'supervisor/exec/open-exec.ts',
    'supervisor/exec/exec-shapes.ts',
    // Pure functions from what the API answers to lines: the host says it in the console's words.
    'supervisor/view/',
    // A format of image layers and of copies to and from containers, which either side packs and unpacks.
    'supervisor/tar/',
    'supervisor/copy/',
    'runc-shim/oci/',
    'sys/errno.ts',
    'sys/exit.ts',
  ],
  components: ['components/', 'build/component/'],
};

const GUEST = ['sys', 'runc-shim', 'supervisor', 'init'];

/** Files that only compute: data in, data out. */
const PURE: readonly RegExp[] = [
  /^supervisor\/service\//,
  /^supervisor\/(manifest|root-files|volume|history|engine|control\/(api|ndjson|route))\.ts$/,
  /^supervisor\/conditions\/(has-address|epoch)\.ts$/,
  /^supervisor\/disk-volumes\/(disk-wish|choose-disk|volume-error)\.ts$/,
  /^supervisor\/console\/([a-z]+-view|keys|line-editor|command|completion|printable|words|policy|password-hash|output-queue)\.ts$/,
  /^supervisor\/(view|tar)\//,
  /^supervisor\/(terminal|linuxkit)\//,
  /^supervisor\/memlogd\/(entry|log-hub)\.ts$/,
  /^supervisor\/copy\/(copy-error|entry-path)\.ts$/,
  /^supervisor\/exec\/(frame|exec-shapes|exec-order|refusal-code)\.ts$/,
  /^supervisor\/status-page\/(html|usage-history|facts|software|chart|boot-picture|page-parts|page|style|script|listen|metrics\/.*)\.ts$/,
  /^supervisor\/log\/(ring|line-splitter|format|rate-limit|read-share|rotation|log-rules|kmsg|priority|merge-by-time|syslog-message)\.ts$/,
  /^supervisor\/syslog\/(target|message|line-queue|seen-lines)\.ts$/,
  /^runc-shim\/oci\//,
  /^runc-shim\/runc\/(args|state)\.ts$/,
  /^runc-shim\/containerd\/(protobuf|grpc-frame|grpc-error|messages|exit-status|config|with-root|ttrpc-frame)\.ts$/,
  /^sys\/netlink\/(message|attributes|link|link-state|address|route)\.ts$/,
  /^sys\/linux\/(execve-code|unix-address)\.ts$/,
  /^sys\/(sys|errno|ip-address|exit|mount-flags|mount\/(mountinfo|options))\.ts$/,
  /^supervisor\/inspect\/(proc-status|memory-events|crash-record|cpu|cgroup-usage|meminfo|socket-table|block-device|pressure)\.ts$/,
  /^init\/(console-devices|input-event|generation-plan|shutdown\/unmount-order|boot\/steps\/(modalias|module-parameters)|boot\/run-plan)\.ts$/,
  /^build\/config\//,
  /^build\/image\/signature\/(choose-rule|simple-signing)\.ts$/,
  /^build\/image\/(reference|image-source|image-source-error|platform)\.ts$/,
  /^build\/rootfs\/(tree|path|merge|whiteout|resolve|skeleton)\.ts$/,
  /^build\/archive\//,
  /^build\/output\/disk\/(disk-layout|vhd)\.ts$/,
  /^build\/sbom\/(package|package-databases|spdx)\.ts$/,
  /^build\/cli\/images\/.*-text\.ts$/,
  /^build\/run\/(accel|firmware|machine-disk|qemu-args|port-forward|escape-key|image-files)\.ts$/,
  /^build\/machine\/(machine-name|machine-record|machine-error|process-stat)\.ts$/,
  /^build\/cli\/completion\/(plan-completion|shell-scripts|usage-options)\.ts$/,
  /^build\/cli\/machines\/(json|text-table|only-new|log-source|stats-view|unit-called|exec-exit-code|copy-words)\.ts$/,
  /^build\/cli\/(parse-options|report-failure|replay-text|machine-specs|spec-differences|explain-defaults|first-yaml|transfer-bar)\.ts$/,
  /(^|\/)plan\.ts$/,
];

/** Effects by module; `node:zlib`, `node:util`, `node:path` and `node:crypto`'s hashes compute. */
const EFFECTS =
  /^node:(fs|fs\/promises|net|http|http2|tls|dgram|dns|child_process|worker_threads|timers|timers\/promises|process|os|tty|readline|ffi|v8|vm)$/;
const AMBIENT =
  /\b(Date\.now|new Date\(\)|Math\.random|performance\.|process\.|setTimeout|setInterval|setImmediate)/;

const sources = repositoryFiles().filter((path) => path.endsWith('.ts'));
const layerOf = (path: string): string => path.split('/', 1)[0] ?? '';
const inLayers = sources.filter((path) => layerOf(path) in MAY_IMPORT);
const imports = inLayers.flatMap(importsOf);

describe('layers', () => {
  it('import only downwards', () => {
    const wrong = imports.filter(({ from, target }) => {
      if (isPackage(target)) return false;
      return !(MAY_IMPORT[layerOf(from)] ?? []).some((allowed) => target.startsWith(allowed));
    });
    expect(wrong).toEqual([]);
  });

  it('import files that exist', () => {
    const known = new Set(repositoryFiles());
    expect(imports.filter(({ target }) => !isPackage(target) && !known.has(target))).toEqual([]);
  });

  it('of the guest use builtin modules only', () => {
    const wrong = imports.filter(
      ({ from, target }) =>
        GUEST.includes(layerOf(from)) && isPackage(target) && !target.startsWith('node:'),
    );
    expect(wrong).toEqual([]);
  });

  it('but sys/linux do not reach for node:ffi', () => {
    const wrong = imports.filter(
      ({ from, target }) => target === 'node:ffi' && !from.startsWith('sys/linux/'),
    );
    expect(wrong).toEqual([]);
  });
});

describe('pure files', () => {
  const pure = inLayers.filter((path) => PURE.some((pattern) => pattern.test(path)));

  it('exist', () => {
    expect(pure.length).toBeGreaterThan(20);
  });

  it('import no effects', () => {
    const wrong = pure.flatMap(importsOf).filter(({ target }) => EFFECTS.test(target));
    expect(wrong).toEqual([]);
  });

  it('ask for no time, chance or process', () => {
    const wrong = pure.flatMap((path) => {
      const match = AMBIENT.exec(withoutComments(readSource(path)));
      return match === null ? [] : [`${path}: ${match[0]}`];
    });
    expect(wrong).toEqual([]);
  });
});

describe('modules', () => {
  it('have names: no default export', () => {
    expect(inLayers.filter((path) => /^export default\b/m.test(readSource(path)))).toEqual([]);
  });

  it('are no barrels', () => {
    expect(
      inLayers.filter((path) => /^export (\*|\{[^}]*\}) from/m.test(readSource(path))),
    ).toEqual([]);
  });

  it('are no dumping grounds', () => {
    const wrong = inLayers.filter((path) =>
      /(^|\/)(utils?|helpers?|common|misc|index)(\/|\.ts$)/.test(path),
    );
    expect(wrong).toEqual([]);
  });
});

function isPackage(target: string): boolean {
  return !(layerOf(target) in MAY_IMPORT) && !target.startsWith('test/');
}
