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
