// SPDX-License-Identifier: Apache-2.0
// npm run accuracy: the virtual test bench of the accuracy standards; see docs/accuracy.md for what it does.
import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { type ModelDescriptor, models } from "../../src/models/model.js";
import { type Campaign, runCampaign, type Scope } from "./campaign.js";
import { plotErrors, plotInfluences, plotShares } from "./plots.js";
import { verdicts, writeData, writeReport } from "./report.js";

interface Options {
	readonly models: readonly ModelDescriptor[];
	readonly seeds: readonly number[];
	readonly points: Scope;
	readonly out: string;
}

function parseModels(text: string): ModelDescriptor[] {
	return text.split(",").map((name) => {
		const model = models.find((candidate) => candidate.name === name);
		if (model === undefined) throw new InvalidArgumentError(`There is no model ${name}.`);
		return model;
	});
}

function parseSeeds(text: string): number[] {
	return text.split(",").map((part) => {
		const seed = Number(part);
		if (!/^\d+$/.test(part) || seed > 0xffff_ffff) throw new InvalidArgumentError("Seeds are whole numbers: 1,2,3.");
		return seed;
	});
}

const program = new Command("accuracy")
	.description("Measures the meter at every load point of the accuracy standards and writes a report.")
	.addOption(new Option("--models <list>", "models, separated by commas").argParser(parseModels).default(models, "all"))
	.addOption(
		new Option("--seeds <list>", "boards, separated by commas")
			.argParser(parseSeeds)
			.default([1, 2, 3, 4, 5], "1,2,3,4,5"),
	)
	.addOption(new Option("--points <scope>", "how many load points").choices(["quick", "all"]).default("all"))
	.addOption(new Option("--out <file>", "report; pictures are written beside it").default("docs/accuracy.md"))
	.parse();
const options = program.opts<Options>();

const campaigns: Campaign[] = [];
for (const model of options.models) {
	const tell = (what: string) => console.error(`${model.name}: ${what}`);
	campaigns.push(await runCampaign(model, options.seeds, options.points, tell));
}
const base = options.out.replace(/\.md$/, "");
for (const campaign of campaigns)
	writeFileSync(`${base}-${campaign.model.name.toLowerCase()}.svg`, plotErrors(campaign));
writeFileSync(`${base}-shares.svg`, plotShares(campaigns));
writeFileSync(`${base}-influences.svg`, plotInfluences(campaigns));
writeFileSync(options.out, writeReport(campaigns, basename(base)));
writeFileSync(`${base}.json`, writeData(campaigns));
let areAllMet = true;
for (const campaign of campaigns) {
	for (const { name, found, isMet } of verdicts(campaign)) {
		console.log(`${isMet ? "ok  " : "FAIL"} ${campaign.model.name} ${name}: ${found}`);
		areAllMet &&= isMet;
	}
}
console.log(`report: ${options.out}`);
process.exitCode = areAllMet ? 0 : 1;
