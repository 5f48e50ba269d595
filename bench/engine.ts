// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { scenarios } from "../hosts/xs/gates.js";
import type { Bench, Figure } from "./bench.js";

interface EngineFigures {
	readonly bits: 32 | 64;
	readonly creation: { readonly slots: number; readonly chunks: number };
	readonly scenarios: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Unit of a figure of the engine harness, by the end of its name. */
function unitOf(name: string): string {
	if (name.endsWith("slots")) return "slots";
	if (name.endsWith("chunks") || name === "codeSize") return "octets";
	if (name.endsWith("computrons") || name.endsWith("largest")) return "computrons";
	return "";
}

/** Size of the machine that a figure counts against. */
function referenceOf(name: string, { creation }: EngineFigures): string {
	if (name.startsWith("flash.")) return "in flash";
	if (name.endsWith("slots")) return `${creation.slots} of the board`;
	if (name.endsWith("chunks")) return `${creation.chunks} of the board`;
	return "";
}

/** Mean of what was counted: "metered second.computrons" over "metered second.count". */
function meanOf(name: string, values: Readonly<Record<string, number>>): number | undefined {
	const count = name.endsWith(".computrons") ? values[name.replace(/computrons$/, "count")] : undefined;
	return count === undefined ? undefined : Math.round(values[name]! / count);
}

/** Figures that say nothing for a scenario: constants, and what a passing gate says already. */
const dullFigures = ["slotSize", "keys", "aliases"];

/** Scenarios of the meter, not those that prove the harness itself. */
function isOfMeter(name: string): boolean {
	return scenarios.some((scenario) => scenario.name === name && scenario.preload === "application");
}

/** Runs the engine harness and takes the figures of the meter from it. Counts, not times: they are the same on every machine. */
export const engineBench: Bench = {
	area: "XS engine",
	run(): Figure[] {
		const figuresPath = new URL("../build/xs-figures.json", import.meta.url);
		const args = ["--import", "./tests/ts-node.mjs", "--no-warnings", "hosts/xs/run.ts"];
		const run = spawnSync(process.execPath, args, { encoding: "utf8", cwd: new URL("../", import.meta.url) });
		if (run.status !== 0) throw new Error(`the engine harness failed:\n${run.stdout}${run.stderr}`);
		const measured = JSON.parse(readFileSync(figuresPath, "utf8")) as EngineFigures;
		const figures: Figure[] = [];
		for (const [scenario, values] of Object.entries(measured.scenarios)) {
			if (!isOfMeter(scenario)) continue;
			for (const [name, value] of Object.entries(values)) {
				if (dullFigures.includes(name)) continue;
				const area = `XS ${measured.bits} bit`;
				const reference = referenceOf(name, measured);
				figures.push({ area, name: `${scenario}: ${name}`, value, unit: unitOf(name), reference });
				const mean = meanOf(name, values);
				if (mean === undefined) continue;
				figures.push({ area, name: `${scenario}: ${name}, each`, value: mean, unit: "computrons", reference: "" });
			}
		}
		return figures;
	},
};
