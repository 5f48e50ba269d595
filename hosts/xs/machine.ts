// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { repository } from "./build.js";
import { emitLibrary } from "./emit.js";
import type { ReplacedModule } from "./manifest-preload.js";
import { RunnerService } from "./runner-service.js";

/** Memory of the machine, as in the manifest's `creation`. Growing is off: the figures are hard limits. */
export interface Creation {
	/** Octets. */
	readonly chunks: number;
	readonly slots: number;
	/** Slots of the stack. */
	readonly stack: number;
	readonly keys: { readonly initial: number; readonly increment: number };
}

export interface Run {
	readonly creation: Creation;
	/** Module names evaluated before the heap is locked, in order. */
	readonly preload: readonly string[];
	readonly replaced: readonly ReplacedModule[];
	/** Name of the module whose default export is called. */
	readonly main: string;
	readonly flashSectors: number;
	/** Name what is in flash but can be written. */
	readonly listsWritable: boolean;
}

export interface Outcome {
	/** Lines the script printed. */
	readonly output: readonly string[];
	readonly checks: readonly { readonly title: string; readonly holds: boolean }[];
	readonly figures: ReadonlyMap<string, number>;
	/** Variables and objects in flash that can be written, when asked for: "name: reason". */
	readonly writable: readonly string[];
	/** Why the scenario did not end by itself: an exception, a machine abort, a signal. */
	readonly failure: string | undefined;
}

interface ReportRecord {
	readonly kind: "check" | "figure" | "writable" | "request" | "exception" | "abort" | "end";
	readonly name: string;
	readonly value?: number | null;
	readonly text?: string;
}

function argumentsOf(run: Run, moduleRoot: string): string[] {
	const { creation } = run;
	return [
		...["--root", moduleRoot],
		...["--map", `@noble=${emitLibrary()}`],
		...["--chunks", `${creation.chunks}`, "--slots", `${creation.slots}`, "--stack", `${creation.stack}`],
		...["--keys", `${creation.keys.initial},${creation.keys.increment}`],
		...["--flash", `${run.flashSectors}`, "--list-writable", run.listsWritable ? "1" : "0"],
		...run.replaced.flatMap(({ name, path }) => ["--replace", `${name}=${path}`]),
		...run.preload.flatMap((name) => ["--preload", name]),
		...["--main", run.main],
	];
}

/** Runs one module in a fresh engine process. Always resolves; what went wrong is in `failure`. */
export async function runOnEngine(command: readonly string[], moduleRoot: string, run: Run): Promise<Outcome> {
	const [program = "", ...args] = command;
	const child = spawn(program, [...args, ...argumentsOf(run, moduleRoot)], {
		cwd: repository,
		stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
	});
	const [, printed, complaints, records, replies] = child.stdio as [null, Readable, Readable, Readable, Writable];
	const service = new RunnerService();
	const output: string[] = [];
	const errors: string[] = [];
	const checks: { title: string; holds: boolean }[] = [];
	const figures = new Map<string, number>();
	const writable: string[] = [];
	let failure: string | undefined;
	let hasEnded = false;

	async function take(record: ReportRecord): Promise<void> {
		switch (record.kind) {
			case "check":
				checks.push({ title: record.name, holds: record.value === 1 });
				break;
			case "figure":
				figures.set(record.name, record.value ?? Number.NaN);
				break;
			case "writable":
				writable.push(`${record.name}: ${record.text}`);
				break;
			case "request":
				replies.write(`${(await service.answer(Buffer.from(record.text ?? "", "hex"))).toString("hex")}\n`);
				break;
			case "exception":
				failure = `exception in ${record.name}: ${record.text}`;
				break;
			case "abort":
				failure = `machine aborted (${record.name}): ${record.text}`;
				break;
			case "end":
				hasEnded = true;
		}
	}

	replies.on("error", () => {}); // the engine may be gone before it reads an answer; its exit says why
	const closed = new Promise<string | undefined>((resolve) => {
		child.on("error", (error) => resolve(error.message));
		child.on("close", (code, signal) => resolve(signal ?? (code === 0 ? undefined : `exit code ${code}`)));
	});
	createInterface({ input: printed }).on("line", (line) => output.push(line));
	createInterface({ input: complaints }).on("line", (line) => errors.push(line));
	for await (const line of createInterface({ input: records })) {
		try {
			await take(JSON.parse(line) as ReportRecord);
		} catch (error) {
			failure = `runner: ${error instanceof Error ? error.message : error}`;
			child.kill();
		}
	}
	const exit = await closed;
	failure ??= exit ?? (hasEnded ? undefined : "ended without a report");
	if (failure !== undefined && errors.length > 0) failure += `\n${errors.join("\n")}`;
	return { output, checks, figures, writable, failure };
}
