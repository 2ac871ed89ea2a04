/**
 * The factor by which chaos, fuzzing and random sequences go on: `npm run test:long` sets more than
 * one.
 */
export const SCALE = Number(process.env.TEST_SCALE ?? 1);
