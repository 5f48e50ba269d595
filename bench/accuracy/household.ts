// SPDX-License-Identifier: Apache-2.0
import type { Grid } from "../../hosts/simulator/grid/grid.js";
import { Household } from "../../hosts/simulator/grid/household.js";
import type { Phase } from "../../hosts/simulator/grid/phase-setting.js";
import { ReferenceMeter, truthOf } from "../../hosts/simulator/grid/truth.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import type { CreepResult } from "./creep.js";
import { Station } from "./station.js";

const evening_s = 18.5 * 3600;
/** 21 June 2000: the roof still exports. */
const midsummer = 172;
const transformerScale = 1 / 40;
const share = 0.001;
/** Time of a measuring interval, which has one direction, and of the window in which the chip looks for a load. */
const interval_s = 1;
const noLoadWindow_s = 0.064;

/** What a change of the load may cost a register, Wh: the smaller part of an interval in which the direction turns. */
export class Changes {
	/** Total, then the phases. */
	readonly cost_Wh: number[];
	readonly #station: { readonly grid: Grid };
	#before: number[];

	constructor(station: { readonly grid: Grid }, phases: number) {
		this.#station = station;
		this.cost_Wh = new Array<number>(phases + 1).fill(0);
		this.#before = this.#powers();
	}

	take(): void {
		const after = this.#powers();
		for (let n = 0; n < after.length; n++) {
			const [was, is] = [this.#before[n]!, after[n]!];
			if (was * is < 0) this.cost_Wh[n]! += (Math.min(Math.abs(was), Math.abs(is)) * interval_s) / 3600;
			else if (was === 0) this.cost_Wh[n]! += (Math.abs(is) * noLoadWindow_s) / 3600;
		}
		this.#before = after;
	}

	#powers(): number[] {
		const state = this.#station.grid.phasors();
		const phases = Array.from(
			{ length: this.cost_Wh.length - 1 },
			(_, p) => truthOf(state, (p + 1) as Phase).activePower_W,
		);
		return [phases.reduce((sum, power_W) => sum + power_W, 0), ...phases];
	}
}

/** An hour of an evening: every active energy register against the double-precision integral of the mains. */
export async function measureHousehold(
	model: ModelDescriptor,
	seed: number,
	duration_s = 3600,
): Promise<CreepResult[]> {
	const station = await Station.open({ model, seed, gear: "waveform" });
	const { grid, meter } = station;
	station.run(10);
	const groups = model.phases === 3 ? [1, 2, 21, 22, 41, 42, 61, 62] : [1, 2];
	const before = await station.registers(groups);
	const reference = new ReferenceMeter(grid);
	const changes = new Changes(station, model.phases);
	const household = new Household(grid, seed, {
		startOfDay_s: evening_s,
		startDay: midsummer,
		photovoltaic_W: 3000,
		scale: model.nominalRatio_A > 0 ? transformerScale : 1,
	});
	meter.household = household;
	changes.take();
	const end_s = station.now_s + duration_s;
	while (station.now_s < end_s) {
		station.run(Math.min(household.nextChange_s, end_s) - station.now_s);
		changes.take();
	}
	household.stop();
	changes.take();
	station.run(3);
	reference.advanceTo(station.now_s);
	const after = await station.registers(groups);
	return groups.map((c, n) => {
		const scope = Math.floor(c / 20);
		const { activeImport_Wh, activeExport_Wh } = scope === 0 ? reference.total : reference.phases[scope - 1]!;
		const truth_Wh = c % 20 === 1 ? activeImport_Wh : activeExport_Wh;
		const found_Wh = after[n]! - before[n]!;
		const limit_Wh = share * truth_Wh + 1 + changes.cost_Wh[scope]!;
		return {
			name: `1-0:${c}.8.0`,
			wanted: `${truth_Wh.toFixed(2)} Wh within 0.1 %, a digit and ${changes.cost_Wh[scope]!.toFixed(3)} Wh of changes`,
			found: `${found_Wh} Wh`,
			isPassed: Math.abs(found_Wh - truth_Wh) <= limit_Wh,
		};
	});
}
