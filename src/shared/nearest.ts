import { distance } from "fastest-levenshtein";

const SHOWN = 3;
const MAX_CHARS = 64;
const WORD_CHARS = 3;

/**
 * The names that a wrong one most likely meant, nearest first: a few letters away, or with a word
 * in common.
 */
export function nearest(wrong: string, names: readonly string[]): string[] {
  const text = wrong.slice(0, MAX_CHARS).toLowerCase();
  const words = wordsOf(text);
  const isNear = (name: string, far: number) =>
    far <= Math.max(1, text.length / 3) ||
    wordsOf(name.toLowerCase()).some((word) => words.includes(word));
  return names
    .map((name) => ({ name, far: distance(text, name.toLowerCase()) }))
    .filter(({ name, far }) => isNear(name, far))
    .sort((a, b) => a.far - b.far)
    .slice(0, SHOWN)
    .map(({ name }) => name);
}

function wordsOf(name: string): string[] {
  return name.split(/[^a-z0-9]+/).filter((word) => word.length >= WORD_CHARS);
}
