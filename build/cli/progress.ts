/** Progress on standard error: one line per finished step, with the time since the command began. */

export type Progress = (text: string) => void;

export function startProgress(): Progress {
  const begin = performance.now();
  return (text) => {
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    process.stderr.write(`${`[${seconds}s]`.padStart(9)} ${text}\n`);
  };
}
