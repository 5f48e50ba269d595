// SPDX-License-Identifier: Apache-2.0
import { startSimulator } from "../hosts/simulator/start.js";
import { models } from "../src/models/model.js";
import type { Bench, Figure } from "./bench.js";

const hour_ms = 3_600_000;
const warmUpHours = 4;
const measuredHours = 12;

/** How much meter time a second of CPU gives: the whole meter with its household, phasor gear, noise on. */
export const simulationBench: Bench = {
	area: "simulation",
	async run(): Promise<Figure[]> {
		const figures: Figure[] = [];
		for (const { name } of models) {
			const meter = await startSimulator({ model: name, tcp: 0, optical: 0, speed: 0 });
			meter.pacer.step(warmUpHours * hour_ms);
			const begin = process.cpuUsage();
			meter.pacer.step(measuredHours * hour_ms);
			const { user, system } = process.cpuUsage(begin);
			await meter.close();
			figures.push({
				area: "simulation",
				name: `${name}, phasor gear`,
				value: (measuredHours * 3600) / ((user + system) / 1e6),
				unit: "s per s of CPU",
				reference: "real time = 1",
			});
		}
		return figures;
	},
};
