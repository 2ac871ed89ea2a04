import { RE2JS } from "re2js";

/**
 * A regular expression that matches in linear time. Throws for what cannot (lookaround,
 * backreferences). The object's `toString` tells one pattern from another, which ajv relies on.
 */
export function patternEngine(pattern: string): RE2JS {
  return RE2JS.compile(RE2JS.translateRegExp(withShortNames(pattern)));
}

/**
 * General categories of Unicode that have a long name in patterns, and only a short one in the
 * engine.
 */
const CATEGORIES =
  "Letter L Lowercase_Letter Ll Uppercase_Letter Lu Titlecase_Letter Lt Modifier_Letter Lm Other_Letter Lo Mark M Nonspacing_Mark Mn Spacing_Mark Mc Enclosing_Mark Me Number N Decimal_Number Nd digit Nd Letter_Number Nl Other_Number No Punctuation P punct P Connector_Punctuation Pc Dash_Punctuation Pd Open_Punctuation Ps Close_Punctuation Pe Initial_Punctuation Pi Final_Punctuation Pf Other_Punctuation Po Symbol S Math_Symbol Sm Currency_Symbol Sc Modifier_Symbol Sk Other_Symbol So Separator Z Space_Separator Zs Line_Separator Zl Paragraph_Separator Zp".split(
    " ",
  );
const SHORT = new Map(
  CATEGORIES.flatMap((name, i) => (i % 2 === 0 ? [[name, CATEGORIES[i + 1] ?? name]] : [])),
);
const CLASS = /\\(?:([pP])\{(?:General_Category=|gc=|Script=|sc=)?(\w+)\}|.)/gs;

function withShortNames(pattern: string): string {
  return pattern.replace(CLASS, (whole, kind?: string, name = "") =>
    kind === undefined ? whole : `\\${kind}{${SHORT.get(name) ?? name}}`,
  );
}
