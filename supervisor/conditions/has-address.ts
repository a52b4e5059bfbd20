/** Whether a network is there, from the addresses of the interfaces. Pure. */

/** What `networkInterfaces()` of node:os returns, as far as it matters. */
export type Interfaces = Readonly<
  Record<string, readonly { readonly address: string; readonly internal: boolean }[] | undefined>
>;

/**
 * Whether the interface `name`, without a name any but the loopback, has an address that others can reach:
 * link-local ones (169.254.0.0/16, fe80::/10) come without any network.
 */
export function hasAddress(interfaces: Interfaces, name: string | undefined): boolean {
  const candidates =
    name === undefined
      ? Object.values(interfaces).flatMap((each) => each?.filter(({ internal }) => !internal) ?? [])
      : (interfaces[name] ?? []);
  return candidates.some(({ address }) => !/^(169\.254\.|fe[89ab][0-9a-f]:)/i.test(address));
}
