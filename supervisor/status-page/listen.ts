/** Where to listen. Pure. */

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** Reads `192.0.2.1:8090` or `[2001:db8::1]:8090`; `undefined` when it is anything else. */
export function parseListen(text: string): ListenAddress | undefined {
  const match = /^(?:(\d{1,3}(?:\.\d{1,3}){3})|\[([0-9a-fA-F:.]+)\]):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return address === undefined || port > 65_535 ? undefined : { address, port };
}
