// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Outcome } from "./machine.js";
import { RunnerService } from "./runner-service.js";

function toHex(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** Lets the runner change the buffers of a script, as the engine does with the answer to `callRunner`. */
function callService(service: RunnerService, operation: number, buffers: readonly Uint8Array[]): number {
	const parts = buffers.flatMap((buffer) => [Buffer.of(buffer.length >> 8, buffer.length & 255), buffer]);
	const answer = service.compute(Buffer.concat([Buffer.of(operation), ...parts]));
	for (let at = 1; at < answer.length; ) {
		const buffer = buffers[answer[at]! - 1]!;
		buffer.set(answer.subarray(at + 1, at + 1 + buffer.length));
		at += 1 + buffer.length;
	}
	return answer[0]!;
}

/**
 * Runs the emitted module of a scenario in this process, under node, with the same host functions; what it prints must
 * equal what the engine printed. Figures of heap and cost have no meaning here and read 0.
 */
export async function runOnNode(moduleRoot: string, moduleName: string): Promise<Outcome> {
	const output: string[] = [];
	const checks: { title: string; holds: boolean }[] = [];
	const service = new RunnerService();
	const functions: Record<string, unknown> = {
		print: (...items: unknown[]) => output.push(...items.map(String).join(" ").split("\n")),
		dump: (label: string, bytes: Uint8Array) => output.push(`${label} ${toHex(bytes)}`),
		check: (title: string, holds: boolean) => checks.push({ title, holds }),
		callRunner: (operation: number, ...buffers: Uint8Array[]) => callService(service, operation, buffers),
		computrons: () => 0,
		heap: () => 0,
	};
	for (const name of ["figure", "collectGarbage", "reading", "beginSpan", "endSpan"]) functions[name] = () => {};
	const scope = globalThis as unknown as Record<string, unknown>;
	Object.assign(scope, functions);
	let failure: string | undefined;
	try {
		const { default: run } = (await import(pathToFileURL(join(moduleRoot, `${moduleName}.js`)).href)) as {
			default: () => unknown;
		};
		await run();
	} catch (error) {
		failure = `node: ${error instanceof Error ? error.stack : error}`;
	} finally {
		for (const name of Object.keys(functions)) delete scope[name];
	}
	return { output, checks, figures: new Map(), writable: [], failure };
}
