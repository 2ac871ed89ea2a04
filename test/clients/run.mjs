/**
 * `node run.mjs <client> <JSON of how to start the program>`: the last line is what the model read.
 */
const [client, given] = process.argv.slice(2);
const { run } = await import(`./${client}.mjs`);
const report = await run(JSON.parse(given));
process.stdout.write(`\n${JSON.stringify(report)}\n`, () => process.exit(0));
