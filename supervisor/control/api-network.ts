/** The shapes of the control API that tell of the network (api.ts has the routes). */

/** As PID 1's network namespace has it. */
export interface NetworkInterface {
  readonly name: string;
  /** Empty for interfaces without one. */
  readonly mac: string;
  /** `192.0.2.1/24` */
  readonly addresses: readonly string[];
  /** Whether it is switched on. */
  readonly enabled: boolean;
  /** Whether a cable is in and the other side answers. */
  readonly carrier: boolean;
  /** As the kernel sees it: `up`, `down`, `unknown` (the loopback), `dormant`, … */
  readonly state: string;
  readonly mtu: number;
  /** `veth`, `bridge`, `vlan`, …; absent for hardware. */
  readonly kind?: string;
  /** The bridge or bond that it belongs to. */
  readonly master?: string;
  readonly received: NetworkCounters;
  readonly sent: NetworkCounters;
}

/** Since the interface was made. */
export interface NetworkCounters {
  readonly packets: number;
  readonly bytes: number;
  readonly errors: number;
  readonly dropped: number;
}

/** A way to somewhere else; the machine's own addresses are not among them. */
export interface NetworkRoute {
  readonly family: 'ipv4' | 'ipv6';
  /** `192.0.2.0/24`, or `default`. */
  readonly destination: string;
  readonly type: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw';
  readonly gateway?: string;
  readonly interface?: string;
  /** The address that packets go out with. */
  readonly source?: string;
  /** The lowest wins. */
  readonly metric: number;
  /** 254 is the main table. */
  readonly table: number;
  /** Who has made it: `kernel`, `boot`, `static`, `ra`, `dhcp`, or a number. */
  readonly protocol: string;
}

/** A socket that others can reach: one that listens, or that takes datagrams from anybody. */
export interface ListeningSocket {
  readonly protocol: 'tcp' | 'udp' | 'unix';
  /** Only TCP and UDP. `::` usually takes IPv4 too. */
  readonly address?: string;
  readonly port?: number;
  /** Only unix: as its owner sees it; `@name` for an abstract one, without a file. */
  readonly path?: string;
  readonly type?: 'stream' | 'datagram' | 'seqpacket';
  /** The unit in whose network namespace it is; absent for the machine's own. */
  readonly namespace?: string;
  /** Absent where no process of a unit has it open; PID 1's own have only a pid. */
  readonly unit?: string;
  /** The first process that has it open. */
  readonly pid?: number;
  readonly command?: string;
}
