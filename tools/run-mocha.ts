// SPDX-License-Identifier: Apache-2.0
// Runs mocha with the options of .mocharc.json and the spec reporter, and leaves its result as JSON for the test driver.
// usage: run-mocha.ts RESULT.json FILE…
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import Mocha from "mocha";

/** What the driver reads. */
export interface MochaResult {
	readonly passes: number;
	readonly failures: number;
	readonly pending: number;
	readonly duration_ms: number;
}

/** The spec reporter, with the figures written to a file at the end. */
class RecordingReporter extends Mocha.reporters.Spec {
	constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
		super(runner, options);
		runner.once("end", () => {
			const { passes, failures, pending, duration } = this.stats;
			const result: MochaResult = { passes, failures, pending, duration_ms: duration ?? 0 };
			mkdirSync(dirname(resultPath), { recursive: true });
			writeFileSync(resultPath, `${JSON.stringify(result)}\n`);
		});
	}
}

interface Configuration {
	readonly timeout: number;
	readonly "forbid-only": boolean;
	readonly "forbid-pending": boolean;
}

/** After the last test everything must be closed within this time. */
const endingTime_ms = 10_000;

const [resultPath = "", ...files] = process.argv.slice(2);
const configuration = JSON.parse(readFileSync(".mocharc.json", "utf8")) as Configuration;
const mocha = new Mocha({
	reporter: RecordingReporter,
	timeout: configuration.timeout,
	forbidOnly: configuration["forbid-only"],
	forbidPending: configuration["forbid-pending"],
});
for (const file of files) mocha.addFile(file);
await mocha.loadFilesAsync();
mocha.run((failures) => {
	process.exitCode = failures === 0 ? 0 : 1;
	setTimeout(() => {
		console.error("tests left something open (a server, a timer, a process) that keeps the run from ending");
		process.exit(1);
	}, endingTime_ms).unref();
});
