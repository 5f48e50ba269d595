// SPDX-License-Identifier: Apache-2.0
// npm run torture -- [--cuts N] [--seed S] [--models LIST] [--fram]: power cuts in the middle of flash writes, over a week of operation.
import { Command, InvalidArgumentError, Option } from "commander";
import { models } from "../../src/models/model.js";
import { torture } from "./torture.js";

function parseCount(text: string): number {
	const count = Number(text);
	if (!/^\d+$/.test(text) || count < 1 || count > 1_000_000) throw new InvalidArgumentError("From 1 to 1000000.");
	return count;
}

const program = new Command("torture")
	.description("Cuts the supply at random writes to the flash and checks what the meter has afterwards.")
	.addOption(new Option("--cuts <number>", "cuts for each model").argParser(parseCount).default(10_000))
	.addOption(new Option("--seed <number>", "source of all randomness").argParser(parseCount).default(1))
	.addOption(new Option("--models <list>", "models, separated by commas").default("SM402D,ST402D"))
	.option("--fram", "meters with FRAM, of which half of the cuts hit a write to that", false)
	.parse();
const {
	cuts,
	seed,
	models: names,
	fram,
} = program.opts<{ cuts: number; seed: number; models: string; fram: boolean }>();

let failures = 0;
for (const name of names.split(",")) {
	const model = models.find((candidate) => candidate.name === name);
	if (model === undefined) program.error(`There is no model ${name}.`);
	const cpu = process.cpuUsage();
	const result = await torture({ model: model!, cuts, seed, hasFram: fram });
	const { user, system } = process.cpuUsage(cpu);
	console.log(
		`${name} ${fram ? "with" : "without"} FRAM: ${result.cuts} cuts and ${result.duringRecovery} during recovery in ${Math.round(result.simulated_s / 3600)} h, ` +
			`${result.rows} rows and ${result.acknowledgedSets} acknowledged SETs looked at, ` +
			`${result.findings.length} findings, ${((user + system) / 1e6).toFixed(0)} s of CPU, ` +
			`${((user + system) / 1e3 / cuts).toFixed(0)} ms for each cut`,
	);
	for (const finding of result.findings.slice(0, 20)) console.log(`  ${finding}`);
	failures += result.findings.length;
}
process.exitCode = failures === 0 ? 0 : 1;
