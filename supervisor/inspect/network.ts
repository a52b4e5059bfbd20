/** Interfaces and routes of PID 1's network namespace, as rtnetlink tells them. */
import { decodeAddress } from '../../sys/netlink/address.ts';
import {
  encodeDump,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETROUTE,
} from '../../sys/netlink/attributes.ts';
import { decodeLink, type Link } from '../../sys/netlink/link-state.ts';
import { decodeRoute } from '../../sys/netlink/route.ts';
import type { Sys } from '../../sys/sys.ts';
import type { NetworkInterface, NetworkRoute } from '../control/api-network.ts';

type Netlink = Pick<Sys, 'rtnetlink'>;

export function machineNetwork(sys: Netlink): NetworkInterface[] {
  const all = links(sys);
  const addresses = ask(sys, RTM_GETADDR, decodeAddress);
  const nameOf = names(all);
  return all.map(({ index, operState, master, ...link }) => {
    const masterName = nameOf(master);
    return {
      ...link,
      state: operState,
      addresses: addresses.filter((each) => each.index === index).map(({ cidr }) => cidr),
      ...(masterName === undefined ? {} : { master: masterName }),
    };
  });
}

export function machineRoutes(sys: Netlink): NetworkRoute[] {
  const nameOf = names(links(sys));
  return ask(sys, RTM_GETROUTE, decodeRoute).map(({ index, ...route }) => {
    const name = nameOf(index);
    return { ...route, ...(name === undefined ? {} : { interface: name }) };
  });
}

function links(sys: Netlink): Link[] {
  return ask(sys, RTM_GETLINK, decodeLink);
}

function ask<T>(sys: Netlink, type: number, decode: (message: Uint8Array) => T | undefined): T[] {
  return sys.rtnetlink(encodeDump(type)).flatMap((message) => decode(message) ?? []);
}

function names(all: readonly Link[]): (index: number | undefined) => string | undefined {
  const byIndex = new Map(all.map(({ index, name }) => [index, name]));
  return (index) => (index === undefined ? undefined : byIndex.get(index));
}
