/** Scripts that write without spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々]+/gu;

/**
 * A text as it is looked up: one form of each letter (full-width, ligatures, ё as е, ß as ss,
 * small), and where words are not spaced every two letters that stand together, with the last one
 * alone.
 */
export function searchText(text: string): string {
  return folded(text).replace(
    UNSPACED,
    (run) => ` ${[...pairsOf(run), [...run].at(-1)].join(" ")} `,
  );
}

/**
 * One word of a search as what stands in a text that has it: its pairs of letters, one behind the
 * other.
 */
export function searchWord(word: string): string {
  return folded(word)
    .replace(UNSPACED, (run) => ` ${([...run].length > 1 ? pairsOf(run) : [run]).join(" ")} `)
    .trim();
}

export function isUnspaced(word: string): boolean {
  return word.search(UNSPACED) >= 0;
}

/** Letters that no table of Unicode takes apart, as people write them who have no key for them. */
const PLAIN: Readonly<Record<string, string>> = {
  ё: "е",
  ß: "ss",
  đ: "d",
  ø: "o",
  ł: "l",
  æ: "ae",
  œ: "oe",
  ı: "i",
};

export function folded(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[ёßđøłæœı]/g, (letter) => PLAIN[letter] ?? letter);
}

function pairsOf(run: string): string[] {
  const letters = [...run];
  return letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
}
