// SPDX-License-Identifier: Apache-2.0
import { Household } from "../../hosts/simulator/grid/household.js";
import { ReferenceMeter } from "../../hosts/simulator/grid/truth.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import type { CreepResult } from "./creep.js";
import { Station } from "./station.js";

const evening_s = 18.5 * 3600;
const transformerScale = 1 / 40;
const share = 0.001;

/** An hour of an evening: every active energy register against the double-precision integral of the mains. */
export async function measureHousehold(
	model: ModelDescriptor,
	seed: number,
	duration_s = 3600,
): Promise<CreepResult[]> {
	const station = new Station({ model, seed, gear: "waveform" });
	const { grid, meter } = station;
	station.run(10);
	const groups = model.phases === 3 ? [1, 2, 21, 22, 41, 42, 61, 62] : [1, 2];
	const before = await station.registers(groups);
	const reference = new ReferenceMeter(grid);
	meter.household = new Household(grid, seed, {
		startOfDay_s: evening_s,
		photovoltaic_W: 3000,
		scale: model.nominalRatio_A > 0 ? transformerScale : 1,
	});
	station.run(duration_s);
	meter.household.stop();
	station.run(3);
	reference.advanceTo(station.now_s);
	const after = await station.registers(groups);
	return groups.map((c, n) => {
		const scope = c < 20 ? reference.total : reference.phases[Math.floor(c / 20) - 1]!;
		const truth_Wh = c % 20 === 1 ? scope.activeImport_Wh : scope.activeExport_Wh;
		const found_Wh = after[n]! - before[n]!;
		return {
			name: `1-0:${c}.8.0`,
			wanted: `${truth_Wh.toFixed(2)} Wh within 0.1 % and a digit`,
			found: `${found_Wh} Wh`,
			isPassed: Math.abs(found_Wh - truth_Wh) <= share * truth_Wh + 1,
		};
	});
}
