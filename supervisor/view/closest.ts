/** Which of some names was probably meant. Pure. */

/** The name that `text` abbreviates, or else the nearest one within two edits; `undefined` if none is. */
export function closest(text: string, names: readonly string[]): string | undefined {
  const longer = names.filter((name) => name.startsWith(text));
  if (text !== '' && longer.length === 1) return longer[0];
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.ceil(text.length / 2) + 1);
  for (const name of names) {
    const distance = editDistance(text, name);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein: insertions, deletions and replacements of one character. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
