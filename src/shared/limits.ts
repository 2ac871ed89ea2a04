const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const MB = 1024 * 1024;
const KB = 1024;

/**
 * The bounds that callers meet, by subject. Sizes are bytes unless the name says characters; times
 * are milliseconds. A part's own measures stand in the part.
 */
export const LIMITS = {
  // Content of a skill.
  nameChars: { min: 2, max: 64 },
  /** publisher/name */
  skillNameChars: 130,
  descriptionChars: 1_000,
  tags: 10,
  tagChars: 32,
  steps: 10,
  codeChars: 100_000,
  totalCodeChars: 500_000,
  refusals: 16,
  refusalCodeChars: 32,
  refusalChars: 200,
  promptChars: 50_000,
  dependenciesChars: 10_000,
  labelChars: 64,
  exampleBytes: 8 * KB,
  /** A longer example is shown with its skill, and not in listings. */
  listedExampleChars: 400,
  /** The last runs of a skill that its listing speaks of. */
  listedRuns: 50,
  schemaBytes: 64_000,
  schemaDepth: 20,
  schemaRefs: 200,
  /**
   * A schema is hostile input and so is the value under it: checking one against the other is cut
   * off here.
   */
  schemaCheckMs: 1_000,
  schemaCompileMs: 5_000,
  /** Scripts of one operator that wait to be parsed. */
  codeChecksWaiting: 10,
  /** A draft is tried no longer than this: a client gives up after a minute. */
  testMs: 55 * SECOND,

  // Values that go in and come out.
  jsonDepth: 100,
  inputBytes: MB,
  outputBytes: MB,
  /**
   * The characters that a script may hand to the model step after it; the step's reserve covers
   * them.
   */
  scriptToPromptChars: 64_000,
  renderedPromptChars: 1_000_000,
  auditBodyBytes: 8 * KB,
  /** A tool's result stays readable: about 5,000 tokens. */
  pageChars: 20_000,
  shownOutputChars: 8_000,

  // A run.
  stepTimeoutMs: 30 * SECOND,
  scriptTotalMs: 60 * SECOND,
  invocationTotalMs: 5 * MINUTE,
  llmTimeoutMs: 2 * MINUTE,
  llmMaxTokens: 1_000,
  llmMaxTokensCap: 32_000,
  guestMemoryMb: 128,
  /** Private memory of a child, above which it is killed: V8 or Python, and the guest inside. */
  childMemoryMb: { javascript: 192, python: 360 },
  fetchCalls: 64,
  fetchInFlight: 8,
  fetchRequestBytes: 256 * KB,
  fetchResponseBytes: MB,
  fetchMs: 30 * SECOND,
  fetchRedirects: 5,
  fetchHeaders: 64,
  /** Of what a draft prints, these are shown. */
  printedLines: 200,
  /** Guest messages that reach people are cut here. */
  guestMessageChars: 2_000,

  // Invocations, waiting and leases.
  waitMs: { max: 25 * SECOND, invoke: 5 * SECOND, check: 0 },
  invocationTtlSeconds: { min: 60, max: 86_400, default: 1_800 },
  sealedLeaseMs: 15 * SECOND,
  sealedRenewMs: 5 * SECOND,
  openLeaseMs: 5 * MINUTE,
  pendingPerBuyer: 100,
  pendingTotal: 10_000,
  idempotencyKeyChars: 200,
  idempotencyKeepMs: 7 * DAY,
  /** For so long after its end a run is handed to the same call. */
  sameCallMs: 60_000,

  // Requests and sessions.
  requestBytes: 2 * MB,
  requestsPerMinute: { key: 600, address: 60 },
  /** Sessions of 2025 clients: all of them, one operator's, and how long one may be idle. */
  sessions: { all: 1_000, operator: 50, idleMs: 30 * MINUTE },
  page: { min: 1, max: 100, default: 20 },
  searchWords: 8,
  /** Words of which one has to occur, where a whole text is matched. */
  looseWords: 32,
  openRequests: 100,
  requestChars: 2_000,

  // Money.
  priceCents: 1_000_000,
  startingGrantCents: 1_000,
  topupCents: { min: 1_000, max: 1_000_000 },
  topupSessionMs: 60 * MINUTE,
  openTopups: 20,
  refundWithinMs: 30 * DAY,
  payoutMinimumCents: 1_000,

  // Agents, passports and connections.
  connections: 100,
  secretChars: { min: 8, max: 4_096 },
  agents: 1_000,
  enrolmentMs: 10 * MINUTE,
  passportSeconds: { min: 60, max: 3_600, default: 900 },
  passportBytes: 5_500,
  /** The passports that can be delegated from one, however deep. */
  sessionPassports: 200,
  checkpointSeconds: { min: 60, max: 3_600, default: 300 },
  /** The time after its end in which a passport can be refreshed. */
  refreshWithinMs: DAY,
  verificationMs: DAY,
  claimMs: 365 * DAY,

  // The process.
  /** The time that a stopping server gives to running work. */
  drainMs: 10 * SECOND,
  busyDeadlineMs: 5 * SECOND,
  sweepMs: 5 * SECOND,
  /** Between two runs of what has more time. */
  choreMs: 300 * SECOND,
  /** The last millisecond that ISO 8601 writes with four digits of a year. */
  latestMs: 253_402_300_799_999,
} as const;
