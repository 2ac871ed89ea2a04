/**
 * How many times as long chaos, fuzzing and random sequences go on: `npm run test:long` says more
 * than once.
 */
export const SCALE = Number(process.env.TEST_SCALE ?? 1);
