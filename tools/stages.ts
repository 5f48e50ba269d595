// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn, spawnSync } from "node:child_process";

/** How a stage of `npm test` ended. */
export interface StageResult {
	readonly name: string;
	readonly status: "passed" | "failed" | "NOT RUN";
	readonly passed: number;
	readonly failed: number;
	readonly seconds: number;
	/** Why it was not run, or what was missing. */
	readonly note: string;
}

/** What can be demanded with `SX402_REQUIRE`, a list with commas: its absence is then a failure. */
export type Requirement = "chromium" | "m32" | "socat";

/** @throws RangeError for a word that is no requirement: a slip must not weaken a run */
export function parseRequirements(text: string): ReadonlySet<Requirement> {
	const words = text.split(",").filter((word) => word !== "");
	for (const word of words) {
		if (word !== "chromium" && word !== "m32" && word !== "socat")
			throw new RangeError(`SX402_REQUIRE: "${word}" is none of chromium, m32, socat`);
	}
	return new Set(words as Requirement[]);
}

/** Path or name of a Chromium that answers to --version: `CHROMIUM` if that is set, else a usual name; or undefined. */
export function findChromium(environment: NodeJS.ProcessEnv): string | undefined {
	const wanted = environment["CHROMIUM"] ?? "";
	const candidates = wanted === "" ? ["chromium", "chromium-browser", "google-chrome"] : [wanted];
	return candidates.find((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);
}

/** Numbers of a line "N passed, N failed"; of several the last one counts. */
export function parseCounts(output: string): { readonly passed: number; readonly failed: number } | undefined {
	const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)];
	const last = lines.at(-1);
	return last === undefined ? undefined : { passed: Number(last[1]), failed: Number(last[2]) };
}

/** The lines mocha closes a run with, so that they stand at the end of a longer one too. */
export function mochaClosing(result: {
	readonly passes: number;
	readonly failures: number;
	readonly duration_ms: number;
}): string {
	const lines = [`  ${result.passes} passing (${Math.round(result.duration_ms / 1000)}s)`];
	if (result.failures > 0) lines.push(`  ${result.failures} failing`);
	return lines.join("\n");
}

/** Table of all stages and the totals; the last line is "N passed, N failed" and nothing else. */
export function summarize(results: readonly StageResult[], closing: string): string {
	const width = Math.max(...results.map(({ name }) => name.length));
	const rows = results.map(({ name, status, passed, failed, seconds, note }) => {
		const counts = status === "NOT RUN" ? "" : `${passed} passed, ${failed} failed`;
		return `${name.padEnd(width)}  ${status.padEnd(7)}  ${counts.padEnd(24)} ${`${seconds.toFixed(1)} s`.padStart(8)}  ${note}`.trimEnd();
	});
	const sum = (select: (result: StageResult) => number): number =>
		results.reduce((total, result) => total + select(result), 0);
	return [...rows, closing, "", `${sum((r) => r.passed)} passed, ${sum((r) => r.failed)} failed`].join("\n");
}

/** Runs a command, shows its output as it comes, and returns it with the exit code. */
export async function runCommand(
	command: string,
	args: readonly string[],
	environment: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly code: number; readonly output: string }> {
	const child: ChildProcess = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], env: environment });
	let output = "";
	child.stdout?.on("data", (data: Buffer) => {
		output += data.toString();
		process.stdout.write(data);
	});
	return new Promise((resolve) => {
		child.on("error", (error) => {
			console.error(error.message);
			resolve({ code: 127, output });
		});
		child.on("close", (code) => resolve({ code: code ?? 1, output }));
	});
}
