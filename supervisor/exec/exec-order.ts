/** What PID 1 tells the process of an exec, as JSON on its standard input. */
import type { ProcessSpec } from '../../runc-shim/oci/runtime-spec.ts';
import type { UpdateTerms } from '../manifest.ts';

/** An update is nobody's container. */
export type ExecOrder = ContainerOrder | UpdateOrder;

export interface UpdateOrder extends Pick<UpdateTerms, 'certificate'> {
  readonly update: true;
}

export interface ContainerOrder {
  /** The container. */
  readonly id: string;
  /** Its program as it is declared: the command has its user, its rights, its environment. */
  readonly process: ProcessSpec;
  /** Its first process. */
  readonly pid: number;
  /** Absolute path of the runtime's program. */
  readonly binary: string;
  /** The runtime's own state. */
  readonly stateDir: string;
}

/** Where commands are prepared; short, because a socket is made below it. */
export const SESSION_DIR = '/run/ishmael/session';
