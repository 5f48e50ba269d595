// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The line that a simulator prints with `--json` when it is ready. */
export interface Ready {
	readonly model: string;
	readonly tcp: number;
	readonly optical: number;
	readonly rs485?: number;
	readonly panel?: number;
	readonly systemTitle: string;
	readonly logicalDeviceName: string;
}

/** How a process ended, and what it printed. */
export interface Ended {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

const usualProgram = "hosts/simulator/main.ts";

function launch(flags: readonly string[], program = usualProgram): ChildProcess {
	return spawn(process.execPath, ["--import", "./tests/ts-node.mjs", "--no-warnings", program, ...flags], {
		cwd: root,
		stdio: ["ignore", "pipe", "pipe"],
	});
}

/** Runs the command line to its end. */
export async function runSimulator(flags: readonly string[], program = usualProgram): Promise<Ended> {
	const child = launch(flags, program);
	let stdout = "";
	let stderr = "";
	child.stdout!.on("data", (chunk) => (stdout += chunk));
	child.stderr!.on("data", (chunk) => (stderr += chunk));
	const [code] = await once(child, "close");
	return { code, stdout, stderr };
}

/** A simulator in a process of its own, as a user starts it. */
export class SimulatorProcess {
	readonly ready: Ready;
	/** All that it has printed, on both outputs. */
	output = "";
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess, ready: Ready, printed: string) {
		this.#child = child;
		this.ready = ready;
		this.output = printed;
		for (const stream of [child.stdout!, child.stderr!]) {
			stream.on("data", (chunk) => {
				this.output += chunk;
			});
		}
	}

	get pid(): number {
		return this.#child.pid!;
	}

	/** Starts it on free ports with `--json` and waits until it is ready. */
	static async start(flags: readonly string[]): Promise<SimulatorProcess> {
		const child = launch(["--json", "--tcp", "0", "--optical", "0", ...flags]);
		let stderr = "";
		child.stderr!.on("data", (chunk) => (stderr += chunk));
		for await (const line of createInterface({ input: child.stdout! })) {
			const message = JSON.parse(line);
			if (message.ready === true) {
				return new SimulatorProcess(child, message, `${line}\n${stderr}`);
			}
		}
		throw new Error(`the simulator did not start: ${stderr}`);
	}

	/** SIGKILL: gone between two instructions. */
	async kill(): Promise<void> {
		if (this.#child.exitCode !== null) return;
		const closed = once(this.#child, "close");
		this.#child.kill("SIGKILL");
		await closed;
	}

	/** SIGTERM: an orderly stop. */
	async stop(): Promise<number | null> {
		const closed = once(this.#child, "close");
		this.#child.kill("SIGTERM");
		const [code] = await closed;
		return code;
	}
}
