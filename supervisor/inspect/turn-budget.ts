/** Long work of PID 1, done in small pieces between which its event loop turns. */
const BUDGET_MS = 3;

export interface TurnBudget {
  /** Waits for the next turn once this one has taken its share. To be called between small pieces. */
  pause(): Promise<void> | undefined;
}

export function createTurnBudget(budgetMs: number = BUDGET_MS): TurnBudget {
  let begun = performance.now();
  return {
    pause() {
      if (performance.now() - begun < budgetMs) return undefined;
      return new Promise((resolve) => {
        setImmediate(() => {
          begun = performance.now();
          resolve();
        });
      });
    },
  };
}
