/**
 * Spares others a question that is just being asked, or was a moment ago. Who wants a `fresh` answer gets one that
 * was asked for after that, and never one that was already under way.
 */
export function onceAtATime<T>(
  ask: () => Promise<T>,
  maxAgeMs: number,
  nowMs: () => number,
): (fresh?: boolean) => Promise<T> {
  let current: Promise<T> | undefined;
  let isAsking = false;
  let asked = 0;
  let askedMs = 0;

  function begin(): Promise<T> {
    asked += 1;
    askedMs = nowMs();
    isAsking = true;
    const answer = ask();
    current = answer;
    answer.then(
      () => (isAsking = false),
      () => {
        // A failure is nobody's answer: who asks next asks anew.
        isAsking = false;
        current = undefined;
      },
    );
    return answer;
  }

  async function after(known: number): Promise<T> {
    // What is under way was asked too early. Whether it fails is not ours to tell.
    if (asked === known && isAsking) await Promise.allSettled([current]);
    return current !== undefined && asked > known ? current : begin();
  }

  return (fresh = false) => {
    if (fresh) return after(asked);
    const isUsable = isAsking || nowMs() - askedMs < maxAgeMs;
    return current !== undefined && isUsable ? current : begin();
  };
}
