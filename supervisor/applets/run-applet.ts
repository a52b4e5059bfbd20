/**
 * The single binary under its other names: what it does when it is not PID 1. Each applet is loaded when
 * it is asked for, so that PID 1 never evaluates any of this.
 */

export const APPLETS: readonly string[] = [
  'boot',
  'config',
  'disk',
  'dmesg',
  'events',
  'mem',
  'net',
  'ps',
  'restart',
  'signal',
  'start',
  'stop',
  'support',
  'top',
  'why',
  'help',
  'status',
  'logs',
  'crash',
  'poweroff',
  'reboot',
  'resume',
  'console',
  'bridge',
  'syslog',
  'exec',
  'exec-helper',
  'terminal',
  'status-page',
  'service',
  'memlogd',
  'metadata',
  'volume',
  'trial',
];

/** LinuxKit's names of programs, which are links to this binary. */
const LINKS: readonly string[] = ['service', 'metadata', 'volume'];

/** What a link's name asks for; `ishmael` says nothing by itself. */
export function wordsOf(invokedAs: string, args: readonly string[]): readonly string[] {
  const name = invokedAs.split('/').at(-1) ?? '';
  return LINKS.includes(name) ? [name, ...args] : args;
}

/**
 * Runs the applet that `argv` (without the executable) names and resolves with its exit code.
 * `undefined` when it names none.
 */
export function runApplet(argv: readonly string[]): Promise<number> | undefined {
  const [name] = argv;
  return name !== undefined && APPLETS.includes(name) ? run(name, argv.slice(1)) : undefined;
}

async function run(name: string, args: readonly string[]): Promise<number> {
  switch (name) {
    case 'console': {
      const { consoleApplet } = await import('./console-applet.ts');
      return consoleApplet(args);
    }
    case 'bridge': {
      const { bridgeApplet } = await import('./bridge-applet.ts');
      return bridgeApplet(args);
    }
    case 'exec-helper': {
      const { execHelperApplet } = await import('./exec-helper-applet.ts');
      return execHelperApplet(args);
    }
    case 'terminal': {
      const { terminalApplet } = await import('./terminal-applet.ts');
      return terminalApplet(args);
    }
    case 'syslog': {
      const { syslogApplet } = await import('./syslog-applet.ts');
      return syslogApplet(args);
    }
    case 'status-page': {
      const { statusPageApplet } = await import('./status-page-applet.ts');
      return statusPageApplet(args);
    }
    case 'memlogd': {
      const { memlogdApplet } = await import('./memlogd-applet.ts');
      return memlogdApplet(args);
    }
    case 'metadata': {
      const { metadataApplet } = await import('./metadata-applet.ts');
      return metadataApplet(args);
    }
    case 'trial': {
      const { trialApplet } = await import('./trial-applet.ts');
      return trialApplet(args);
    }
    case 'volume': {
      const { volumeApplet } = await import('./volume-applet.ts');
      return volumeApplet(args);
    }
    case 'service': {
      const { serviceApplet } = await import('./service-applet.ts');
      return serviceApplet(args);
    }
    default: {
      const { commandApplet } = await import('./command-applet.ts');
      return commandApplet([name, ...args]);
    }
  }
}
