// SPDX-License-Identifier: Apache-2.0
// npm test: types, style, direction of imports, manifests, mocha, the XS engine, the front panel in a browser; then a
// table and, alone on the last line, "N passed, N failed". Nothing is skipped silently: see SX402_REQUIRE in stages.ts.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launcher32 } from "../hosts/xs/program-32.js";
import { typeScriptFiles } from "./manifest.js";
import type { MochaResult } from "./run-mocha.js";
import {
	findChromium,
	mochaClosing,
	parseCounts,
	parseRequirements,
	runCommand,
	type StageResult,
	summarize,
} from "./stages.js";

const root = fileURLToPath(new URL("../", import.meta.url));
process.chdir(root);

/** Tests that drive a browser; everything else needs node alone. */
const browserTest = ".chromium.test.ts";

const node = process.execPath;
const typescript = ["--import", "./tests/ts-node.mjs", "--no-warnings", "--enable-source-maps"];
const local = (name: string): string => join(root, "node_modules", name);

const checks: readonly { readonly name: string; readonly args: readonly string[] }[] = [
	{ name: "types", args: [local("typescript/bin/tsc")] },
	{ name: "types of src/ alone", args: [local("typescript/bin/tsc"), "-p", "tsconfig.src.json"] },
	{ name: "types of the board", args: [local("typescript/bin/tsc"), "-p", "tsconfig.esp32.json"] },
	{ name: "types of the panel", args: [local("typescript/bin/tsc"), "-p", "hosts/simulator/panel/web/tsconfig.json"] },
	{ name: "types of the engine", args: [local("typescript/bin/tsc"), "-p", "tsconfig.xs.json", "--noEmit"] },
	{ name: "style", args: [local("@biomejs/biome/bin/biome"), "check"] },
	{ name: "imports", args: [...typescript, "tools/import-check.ts"] },
	{ name: "private methods", args: [...typescript, "tools/engine-check.ts"] },
	{ name: "manifests", args: [...typescript, "tools/manifest-check.ts"] },
];

const results: StageResult[] = [];

function head(name: string): number {
	console.log(`\n=== ${name} ===`);
	return performance.now();
}

function finish(name: string, begin_ms: number, passed: number, failed: number, note = ""): void {
	const seconds = (performance.now() - begin_ms) / 1000;
	results.push({ name, status: failed === 0 ? "passed" : "failed", passed, failed, seconds, note });
}

async function runCheck(name: string, args: readonly string[]): Promise<void> {
	const begin_ms = head(name);
	const { code } = await runCommand(node, args);
	finish(name, begin_ms, code === 0 ? 1 : 0, code === 0 ? 0 : 1);
}

/** Runs mocha; a run that dies before it can report is one failure. */
async function runMocha(
	name: string,
	files: readonly string[],
	environment = process.env,
): Promise<MochaResult | undefined> {
	const begin_ms = head(name);
	const resultPath = join(root, "build/test", `${name}.json`);
	rmSync(resultPath, { force: true });
	const { code } = await runCommand(node, [...typescript, "tools/run-mocha.ts", resultPath, ...files], environment);
	try {
		const result = JSON.parse(readFileSync(resultPath, "utf8")) as MochaResult;
		const failed = result.failures + result.pending;
		finish(name, begin_ms, result.passes, failed === 0 && code !== 0 ? 1 : failed);
		return result;
	} catch {
		finish(name, begin_ms, 0, 1, "mocha ended without a result");
		return undefined;
	}
}

async function runEngine(isRequired32: boolean): Promise<void> {
	const name = "XS engine";
	const begin_ms = head(name);
	const isMissing = launcher32() === undefined;
	const { code, output } = await runCommand(node, [...typescript, "hosts/xs/run.ts"]);
	const counts = parseCounts(output) ?? { passed: 0, failed: 1 };
	let failed = counts.failed === 0 && code !== 0 ? 1 : counts.failed;
	if (isMissing && isRequired32) failed++;
	const note = isMissing ? `64 bit: gcc-multilib or qemu-user is missing${isRequired32 ? ", but required" : ""}` : "";
	finish(name, begin_ms, counts.passed, failed, note);
}

async function runPanel(files: readonly string[], isRequired: boolean): Promise<void> {
	const name = "panel";
	const chromium = findChromium(process.env);
	if (chromium !== undefined && files.length > 0) {
		await runMocha(name, files, { ...process.env, CHROMIUM: chromium });
		return;
	}
	const reason = chromium === undefined ? "no Chromium found (set CHROMIUM)" : `there is no *${browserTest}`;
	const failed = chromium === undefined && isRequired ? 1 : 0;
	const note = failed === 0 ? reason : `${reason}, but required`;
	results.push({ name, status: failed === 0 ? "NOT RUN" : "failed", passed: 0, failed, seconds: 0, note });
	console.log(`\n=== ${name} ===\nNOT RUN: ${note}`);
}

const required = parseRequirements(process.env["SX402_REQUIRE"] ?? "");
const tests = typeScriptFiles(root, "tests").filter((path) => path.endsWith(".test.ts"));
for (const { name, args } of checks) await runCheck(name, args);
const mocha = await runMocha(
	"mocha",
	tests.filter((path) => !path.endsWith(browserTest)),
);
await runEngine(required.has("m32"));
await runPanel(
	tests.filter((path) => path.endsWith(browserTest)),
	required.has("chromium"),
);
console.log(`\n=== summary ===\n${summarize(results, mocha === undefined ? "" : mochaClosing(mocha))}`);
process.exitCode = results.some(({ failed }) => failed > 0) ? 1 : 0;
