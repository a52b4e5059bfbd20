/**
 * A TCP port of the host that leads to a port of the guest. Pure: choosing a free port is
 * free-port.ts.
 */
export interface PortForward {
  /** 0 asks for any free port. */
  readonly host: number;
  readonly guest: number;
}

const LARGEST_PORT = 65_535;

/** Reads `HOST:GUEST`, as in `8080:80`; `undefined` when it is anything else. */
export function parsePortForward(text: string): PortForward | undefined {
  const match = /^(\d{1,5}):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const host = Number(match[1]);
  const guest = Number(match[2]);
  if (host > LARGEST_PORT || guest > LARGEST_PORT || guest === 0) return undefined;
  return { host, guest };
}
