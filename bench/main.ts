// SPDX-License-Identifier: Apache-2.0
// npm run bench [-- area…]: measures, prints a table and writes bench/results.json.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { type Bench, type Figure, table } from "./bench.js";
import { coreBench } from "./core.js";
import { engineBench } from "./engine.js";
import { linksBench } from "./links.js";
import { publicKeysBench } from "./public-keys.js";
import { rowsBench } from "./rows.js";
import { simulationBench } from "./simulation.js";

const benches: readonly Bench[] = [coreBench, simulationBench, linksBench, rowsBench, publicKeysBench, engineBench];

const wanted = process.argv.slice(2);
const figures: Figure[] = [];
for (const bench of benches) {
	if (wanted.length === 0 || wanted.includes(bench.area)) figures.push(...(await bench.run()));
}
console.log(table(figures));
const results = {
	date: new Date().toISOString(),
	node: process.version,
	processor: cpus()[0]?.model ?? "unknown",
	figures,
};
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(results, null, "\t")}\n`);
