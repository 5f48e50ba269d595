// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { type Simulator, startSimulator } from "../hosts/simulator/start.js";
import { Sampling } from "../src/metrology/sampling/sampling.js";
import { type ModelName, models } from "../src/models/model.js";
import type { Bench, Figure } from "./bench.js";

const hour_ms = 3_600_000;
const warmUpHours = 4;
/** In pieces, of which the fastest counts: others on the machine only ever add. */
const pieces = 6;
const pieceHours = 4;
const wavePiece_s = 20;
/** Three phases at 8 kHz. */
const recording = fileURLToPath(new URL("../tests/data/waveforms/s15_en50160_spectrum.cfg", import.meta.url));

/** Simulated seconds per second of CPU, the best of some pieces. */
function speedOf(meter: Simulator, piece_s: number): number {
	let best = 0;
	for (let n = 0; n < pieces; n++) {
		const begin = process.cpuUsage();
		meter.pacer.step(piece_s * 1000);
		const { user, system } = process.cpuUsage(begin);
		best = Math.max(best, piece_s / ((user + system) / 1e6));
	}
	return best;
}

/** The whole meter with its household, phasor gear, noise on. @param hasBlocks harmonics as well */
async function phasorSpeed(model: ModelName, hasBlocks: boolean): Promise<number | undefined> {
	const meter = await startSimulator({ model, tcp: 0, optical: 0, speed: 0 });
	try {
		const { harmonics } = meter.simulated.meter.application;
		if (!hasBlocks) {
			if (!(harmonics instanceof Sampling)) return undefined;
			harmonics.deadline_ms = Number.POSITIVE_INFINITY;
		}
		meter.pacer.step(warmUpHours * hour_ms);
		return speedOf(meter, pieceHours * 3600);
	} finally {
		await meter.close();
	}
}

/** The whole meter on a recording, sample by sample. */
async function waveformSpeed(model: ModelName): Promise<number> {
	const meter = await startSimulator({ model, tcp: 0, optical: 0, speed: 0, waveform: recording });
	try {
		meter.pacer.step(wavePiece_s * 1000);
		return speedOf(meter, wavePiece_s);
	} finally {
		await meter.close();
	}
}

/** How much meter time a second of CPU gives. */
export const simulationBench: Bench = {
	area: "simulation",
	async run(): Promise<Figure[]> {
		const figures: Figure[] = [];
		const add = (name: string, value: number | undefined, unit: string, target: number): void => {
			if (value !== undefined)
				figures.push({ area: "simulation", name, value, unit, reference: "real time = 1", target });
		};
		for (const { name } of models) {
			const without = await phasorSpeed(name, false);
			const suffix = without === undefined ? "" : ", harmonics as they change";
			const target = 100_000;
			add(`${name}, phasor gear${suffix}`, await phasorSpeed(name, true), "s per s of CPU", target);
			add(`${name}, phasor gear, without harmonics`, without, "s per s of CPU", target);
			add(`${name}, waveform gear, 8 kHz`, await waveformSpeed(name), "x real time", 2);
		}
		return figures;
	},
};
