// SPDX-License-Identifier: Apache-2.0
import type { Grid } from "../../hosts/simulator/grid/grid.js";
import type { Phase } from "../../hosts/simulator/grid/phase-setting.js";
import type { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";

export const happeningKinds = [
	"cut",
	"meterCover",
	"terminalCover",
	"magnet",
	"field",
	"dip",
	"swell",
	"phaseLost",
	"button",
] as const;
export type HappeningKind = (typeof happeningKinds)[number];

/** Something that hands, magnets or the mains do to the meter for some time. Nothing overlaps. */
export interface Happening {
	readonly kind: HappeningKind;
	/** Since the start. */
	readonly at_s: number;
	readonly duration_s: number;
	readonly phase: Phase;
}

const day_s = 86_400;
/** From one happening to the next at least: beyond the time in which a chattering sensor makes no second event. */
const pause_s = 150;
/** Of all but the cuts, a day; a dip every other day is what a poor network has. */
const perDay = 1;
/** The first hours are quiet, so that the meter is programmed before anything happens. */
const quietBegin_s = 2 * 3600;

/** Plans the happenings of so many days: each at a random instant, cuts from a second to hours. */
export function planHappenings(days: number, cuts: number, phases: number, random: () => number): Happening[] {
	const count = cuts + Math.round(days * perDay);
	const others = happeningKinds.filter((kind) => kind !== "cut" && (kind !== "phaseLost" || phases === 3));
	const slot_s = (days * day_s - quietBegin_s) / count;
	const kinds = Array.from({ length: count }, (_, n): HappeningKind => {
		return n < cuts ? "cut" : others[Math.floor(random() * others.length)]!;
	});
	for (let n = count - 1; n > 0; n--) {
		const other = Math.floor(random() * (n + 1));
		[kinds[n], kinds[other]] = [kinds[other]!, kinds[n]!];
	}
	return kinds.map((kind, n) => {
		const wanted_s = durationOf(kind, random());
		const duration_s = Math.min(wanted_s, slot_s - 2 * pause_s);
		const at_s = quietBegin_s + n * slot_s + pause_s + random() * (slot_s - 2 * pause_s - duration_s);
		return { kind, at_s, duration_s, phase: (1 + Math.floor(random() * phases)) as Phase };
	});
}

function durationOf(kind: HappeningKind, share: number): number {
	switch (kind) {
		case "cut":
			return 7200 ** share; // most of them short
		case "dip":
		case "swell":
			return 0.05 * 200 ** share;
		default:
			return 30 + 570 * share;
	}
}

/** Begins or ends a happening, as hands and the mains would. */
export function act({ kind, phase }: Happening, isBegin: boolean, simulated: SimulatedMeter, grid: Grid): void {
	const { housing } = simulated;
	const nominal_V = grid.nominalVoltage_V;
	switch (kind) {
		case "cut":
			if (isBegin) simulated.cutPower();
			else simulated.restorePower();
			return;
		case "meterCover":
			housing.set({ meterCoverOpen: isBegin });
			return;
		case "terminalCover":
			housing.set({ terminalCoverOpen: isBegin });
			return;
		case "magnet":
			housing.set({ magneticField: isBegin });
			return;
		case "field":
			housing.set({ fieldStrength: isBegin ? 200 : 0 });
			return;
		case "button":
			housing.set({ serviceButton: isBegin });
			return;
		default:
			grid.setPhase(phase, { voltage_V: nominal_V * (isBegin ? voltageShare[kind] : 1) });
	}
}

const voltageShare = Object.freeze({ dip: 0.6, swell: 1.15, phaseLost: 0 });
