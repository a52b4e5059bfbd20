/** The words of a command line, as a shell cuts them: `'…'`, `"…"` and `\`, and nothing else of a shell. Pure. */

/** A stretch of a word: quoted in one of two ways, or plain; a quote without its end is none. */
const STRETCH = /'([^']*)'|"((?:[^"\\]|\\[^])*)"|((?:[^\s'"\\]|\\[^])+)/y;

/** `undefined` when a quote has no end, or a backslash nothing behind it. */
export function splitWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length;) {
    if (/\s/.test(line.charAt(at))) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
      continue;
    }
    STRETCH.lastIndex = at;
    const match = STRETCH.exec(line);
    if (match === null) return undefined;
    const [whole, single, double, plain] = match;
    word = (word ?? '') + (single ?? unescaped(double ?? plain ?? '', double !== undefined));
    at += whole.length;
  }
  return word === undefined ? words : [...words, word];
}

/** Between double quotes, a backslash stands for itself where it is not in front of what would be special there. */
function unescaped(text: string, isQuoted: boolean): string {
  return text.replaceAll(isQuoted ? /\\(["\\$`])/g : /\\([^])/g, '$1');
}
