// SPDX-License-Identifier: Apache-2.0
// npm run year -- [--seed S] [--days N] [--cuts N] [--model M]: a year of operation, read by a head-end, held against the mains.
import { Command, InvalidArgumentError, Option } from "commander";
import { models } from "../../src/models/model.js";
import { runYear } from "./year.js";

function parseCount(text: string): number {
	const count = Number(text);
	if (!/^\d+$/.test(text) || count < 1 || count > 100_000) throw new InvalidArgumentError("From 1 to 100000.");
	return count;
}

const program = new Command("year")
	.description("Runs a meter with tariffs, profiles, billing, power cuts, fraud and clock corrections for a year.")
	.addOption(new Option("--seed <number>", "source of all randomness").argParser(parseCount).default(1))
	.addOption(new Option("--days <number>", "length").argParser(parseCount).default(365))
	.addOption(new Option("--cuts <number>", "power cuts; 200 a year unless given").argParser(parseCount))
	.addOption(new Option("--model <name>", "model").default("ST402D"))
	.parse();
const { seed, days, cuts, model: name } = program.opts<{ seed: number; days: number; cuts?: number; model: string }>();
const model = models.find((candidate) => candidate.name === name);
if (model === undefined) program.error(`There is no model ${name}.`);

const begin = process.cpuUsage();
const spent_s = (): number => {
	const { user, system } = process.cpuUsage(begin);
	return (user + system) / 1e6;
};
const report = await runYear({
	model: model!,
	seed,
	days,
	cuts: cuts ?? Math.round((200 * days) / 365),
	progress: (day, findings) =>
		console.error(`day ${day} of ${days}: ${findings} findings, ${spent_s().toFixed(0)} s of CPU`),
});
const cpu_s = spent_s();
const list = (of: Readonly<Record<string, number>>): string =>
	Object.entries(of)
		.map(([what, count]) => `${what} ${count}`)
		.join(", ");
console.log(
	`${name}, seed ${seed}: ${days} days in ${cpu_s.toFixed(0)} s of CPU, ${((days * 86_400) / cpu_s).toFixed(0)} s per s`,
);
console.log(
	`happenings: ${list(report.happenings)}; clock corrections ${report.corrections}, of them settings ${report.settings}`,
);
console.log(
	`clock ${report.drift_s} s off after the first ${report.driftDays.toFixed(0)} days; lost neutrals told ${report.falseNeutrals}, reversed currents ${report.reversals}`,
);
console.log(`rows: ${list(report.rows)}; compared with load 1: ${report.comparedRows}`);
for (const { name: energy, meter_Wh, mains_Wh } of report.energies)
	console.log(
		`${energy}: ${meter_Wh} Wh, mains ${mains_Wh.toFixed(0)} Wh, ${((meter_Wh / mains_Wh - 1) * 100).toFixed(4)} %`,
	);
for (const { rate, register_Wh, rows_Wh } of report.rates)
	console.log(`rate ${rate}: ${register_Wh} Wh, by the rows and the calendar ${rows_Wh} Wh`);
for (const { area, perYear, years } of report.wear)
	console.log(`${area}: ${perYear.toFixed(1)} erasures of a sector a year, ${years.toFixed(0)} years to 100,000`);
console.log(`${report.findings.length} findings`);
for (const finding of report.findings.slice(0, 30)) console.log(`  ${finding}`);
process.exitCode = report.findings.length === 0 ? 0 : 1;
