// SPDX-License-Identifier: Apache-2.0
// npm run test:xs [-- [--bits 64] [--verbose] [scenario]…]: runs the scenarios of gates.ts on the XS engine with the
// memory of the board and holds them against their gates.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildEngine, type Engine, repository } from "./build.js";
import { emitForEngine } from "./emit.js";
import { type Finding, judge } from "./evaluate.js";
import { type Scenario, scenarios } from "./gates.js";
import { type Creation, type Outcome, runOnEngine } from "./machine.js";
import { readManifest } from "./manifest-preload.js";
import { runOnNode } from "./node-twin.js";

const scenarioFolder = "hosts/xs/src";
const freezeModule = `${scenarioFolder}/support/freeze-intrinsics`;

/** Read by the bench: figures of every scenario of the last run. */
const figuresPath = join(repository, "build/xs-figures.json");

const { values: options, positionals } = parseArgs({
	allowPositionals: true,
	options: { bits: { type: "string" }, verbose: { type: "boolean", default: false } },
});

function preloadOf(scenario: Scenario, application: readonly string[]): string[] {
	switch (scenario.preload) {
		case "application":
			return [freezeModule, ...application, `${scenarioFolder}/${scenario.name}`];
		case "scenario":
			return [freezeModule, `${scenarioFolder}/${scenario.name}`];
		case "nothing":
			return [freezeModule];
	}
}

function describe(engine: Engine): string {
	if (engine.bits === 32) return "XS engine, 32-bit slots as on the board";
	const reason =
		options.bits === "64"
			? "as asked for"
			: "no 32-bit programs here (Debian: gcc-multilib to build them; qemu-user where the kernel cannot run them)";
	return [
		"*".repeat(100),
		`XS engine built for 64 BIT: ${reason}.`,
		"Slots and computrons are those of the board. Chunks hold wider pointers, so their memory is doubled and",
		"gates on chunks say less than with 32 bits.",
		"*".repeat(100),
	].join("\n");
}

function printOutcome(scenario: Scenario, outcome: Outcome, findings: readonly Finding[], seconds: number): void {
	const failed = findings.filter((finding) => !finding.passed);
	const mark = failed.length === 0 ? "ok  " : "FAIL";
	const figure = (name: string) => String(outcome.figures.get(name) ?? "-").padStart(9);
	const columns = ["end.slots", "end.chunks", "peak.slots", "peak.chunks", "aliases", "keys", "computrons"].map(figure);
	const count = `${findings.length - failed.length}/${findings.length}`.padStart(7);
	console.log(`${mark} ${scenario.name.padEnd(20)}${count}${columns.join(" ")}  ${seconds.toFixed(1)} s`);
	for (const { title, passed, detail } of findings) {
		if (!passed || options.verbose)
			console.log(`       ${passed ? "passed" : "FAILED"}  ${title}${detail === "" ? "" : `: ${detail}`}`);
	}
	if (options.verbose) {
		for (const [name, value] of outcome.figures) console.log(`       figure  ${name} = ${value}`);
		for (const what of outcome.writable) console.log(`       in RAM  ${what}`);
		for (const line of outcome.output) console.log(`       output  ${line}`);
	}
}

async function main(): Promise<number> {
	const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
	if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(", ")}`);
	const bits = options.bits === "64" ? 64 : options.bits === "32" ? 32 : undefined;
	const engine = await buildEngine(bits);
	const emitted = emitForEngine();
	const { creation: board, preload: application, replaced } = readManifest();
	const creation: Creation = engine.bits === 32 ? board : { ...board, chunks: 2 * board.chunks };
	const ample: Creation = { chunks: 16 << 20, slots: 1 << 18, stack: 8192, keys: { initial: 4096, increment: 1024 } };

	console.log(describe(engine));
	console.log(
		`${creation.slots} slots, ${creation.chunks} octets of chunks, ${application.length} modules preloaded\n`,
	);
	const heads = ["slots", "chunks", "peak sl.", "peak ch.", "aliases", "keys", "computr."].map((head) =>
		head.padStart(9),
	);
	console.log(`     ${"scenario".padEnd(20)} proved${heads.join(" ")}`);

	let passed = 0;
	let failed = 0;
	const record: Record<string, Record<string, number>> = {};
	for (const scenario of scenarios) {
		if (positionals.length > 0 && !positionals.includes(scenario.name)) continue;
		const begin_ms = performance.now();
		const main = `${scenarioFolder}/${scenario.name}`;
		const run = {
			creation: scenario.isAmple ? ample : creation,
			preload: preloadOf(scenario, application),
			replaced,
			main,
			flashSectors: scenario.flashSectors ?? 0,
			listsWritable: options.verbose && scenario.name === "preloaded",
		};
		const outcome = await runOnEngine(engine.command, emitted.root, run);
		const twin = scenario.isParity ? await runOnNode(emitted.root, main) : undefined;
		const findings = judge(scenario, creation, outcome, twin);
		printOutcome(scenario, outcome, findings, (performance.now() - begin_ms) / 1000);
		passed += findings.filter((finding) => finding.passed).length;
		failed += findings.filter((finding) => !finding.passed).length;
		record[scenario.name] = Object.fromEntries(outcome.figures);
	}
	if (positionals.length === 0) {
		const content = { engine: "XS of @agoric/xsnap 0.15.0", bits: engine.bits, creation, scenarios: record };
		writeFileSync(figuresPath, `${JSON.stringify(content, null, "\t")}\n`);
	}
	console.log(`\n${passed} passed, ${failed} failed`);
	return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
