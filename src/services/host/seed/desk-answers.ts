import type { Json, JsonObject } from "../../../shared/json.ts";

/** Phrases that the desk knows, by language. */
const PHRASES: Readonly<Record<string, readonly string[]>> = {
  en: [
    "hello",
    "good morning",
    "good evening",
    "goodbye",
    "thank you",
    "please",
    "yes",
    "no",
    "how are you",
    "see you tomorrow",
  ],
  de: [
    "hallo",
    "guten morgen",
    "guten abend",
    "auf wiedersehen",
    "danke",
    "bitte",
    "ja",
    "nein",
    "wie geht es dir",
    "bis morgen",
  ],
  fr: [
    "bonjour",
    "bonjour",
    "bonsoir",
    "au revoir",
    "merci",
    "s'il vous plaît",
    "oui",
    "non",
    "comment allez-vous",
    "à demain",
  ],
  es: [
    "hola",
    "buenos días",
    "buenas noches",
    "adiós",
    "gracias",
    "por favor",
    "sí",
    "no",
    "cómo estás",
    "hasta mañana",
  ],
  it: [
    "ciao",
    "buongiorno",
    "buonasera",
    "arrivederci",
    "grazie",
    "per favore",
    "sì",
    "no",
    "come stai",
    "a domani",
  ],
};
const LANGUAGES: Readonly<Record<string, string>> = {
  english: "en",
  german: "de",
  deutsch: "de",
  french: "fr",
  français: "fr",
  spanish: "es",
  español: "es",
  italian: "it",
  italiano: "it",
};
const UNTRANSLATED =
  "An example provider in this server answered. It knows a few greetings and gives any other text back as it is: nobody translated this one.";
const UNREAD =
  "An example provider in this server answered: nobody read the contract. These are questions for any contract.";

/**
 * Translates what stands in the phrase book; any other text comes back as it is, with a note that
 * says so.
 */
function translate(input: Json | undefined): JsonObject {
  const { text = "", target_language = "" } = Object(input) as JsonObject;
  const wanted = String(target_language).toLowerCase();
  const phrases = PHRASES[LANGUAGES[wanted] ?? wanted.slice(0, 2)];
  const asked = String(text)
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/[.!?¡¿\s]+$/g, "")
    .trim();
  for (const [language, known] of Object.entries(PHRASES)) {
    const found = phrases?.[known.indexOf(asked)];
    if (found !== undefined) return { translated_text: found, detected_source: language };
  }
  return { translated_text: text, note: UNTRANSLATED };
}

function review(): JsonObject {
  return {
    questions: [
      "Who are the parties, and who may sign for them?",
      "What ends the contract, and with what notice?",
      "Which law applies, and which court decides?",
    ],
    note: UNREAD,
  };
}

/**
 * The desk's answer to an order of one of its skills; undefined for a skill that it does not know.
 */
export function deskAnswer(skill: string, input: Json | undefined): JsonObject | undefined {
  if (skill === "translate-by-hand") return translate(input);
  return skill === "review-contract" ? review() : undefined;
}
