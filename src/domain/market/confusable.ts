const LOOKALIKES: readonly (readonly [RegExp, string])[] = [
  [/-/g, ""],
  [/rn/g, "m"],
  [/vv/g, "w"],
  [/[1il]/g, "l"],
  [/[0o]/g, "o"],
];

/** A slug as the eye may take it: two slugs with one skeleton look alike. */
export function skeletonOf(slug: string): string {
  return LOOKALIKES.reduce((text, [form, letter]) => text.replace(form, letter), slug);
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-";

/**
 * Every slug that is one letter away from this one: with one less, one more, or another in its
 * place.
 */
export function oneLetterApart(slug: string): string[] {
  const near = new Set<string>();
  for (let at = 0; at <= slug.length; at++) {
    const [before, behind, rest] = [slug.slice(0, at), slug.slice(at), slug.slice(at + 1)];
    if (at < slug.length) near.add(before + rest);
    for (const letter of LETTERS) {
      near.add(before + letter + behind);
      if (at < slug.length) near.add(before + letter + rest);
    }
  }
  near.delete(slug);
  return [...near];
}
