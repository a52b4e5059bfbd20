/** What long work says of itself while it goes on. */
export interface Progress {
  /** One sentence, without a line feed, about what begins or has been done. */
  (line: string): void;
  /** How far a transfer is; `undefined` when it is over. Absent where nobody would see it move. */
  readonly transfer?: (transfer: Transfer | undefined) => void;
}

export interface Transfer {
  readonly name: string;
  readonly bytes: number;
  /** Absent where it cannot be known. */
  readonly total?: number;
}
