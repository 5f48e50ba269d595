// SPDX-License-Identifier: Apache-2.0
import type { ModelDescriptor } from "../../src/models/model.js";
import type { PointResult } from "./campaign.js";
import type { CreepResult } from "./creep.js";
import { currentsOf, type LoadPoint } from "./load-points.js";
import type { Station, StationLoad } from "./station.js";

/** Class C of active energy from the transitional current on, percent. */
const classLimit_percent = 0.5;
/** Spread of repeated measurements and difference of LED and register, as a share of the limit. */
const agreement = 0.1;

function result(name: string, wanted: string, found: string, isPassed: boolean): CreepResult {
	return { name, wanted, found, isPassed };
}

const percent = (value: number): string => `${value.toFixed(4)} %`;

/** Three measurements of one load: how far they lie apart. */
export function testRepeatability(station: Station, model: ModelDescriptor): CreepResult[] {
	const { transitional_A, reference_A, maximum_A } = currentsOf(model);
	return [transitional_A, reference_A, maximum_A].map((current_A) => {
		station.apply({ current_A, angle_deg: 0 });
		const errors = [1, 2, 3].map(() => station.measure("active").error_percent);
		const spread = Math.max(...errors) - Math.min(...errors);
		const limit = agreement * classLimit_percent;
		return result(`three runs at ${current_A} A`, `within ${percent(limit)}`, percent(spread), spread <= limit);
	});
}

/** Impulses and registers count the same energy. */
export async function testLedAgainstRegister(station: Station, model: ModelDescriptor): Promise<CreepResult[]> {
	const results: CreepResult[] = [];
	const { reference_A } = currentsOf(model);
	for (const [name, quantity, c, angle_deg] of [
		["A+", "active", 1, 0],
		["A-", "active", 2, 180],
		["R+", "reactive", 3, 90],
		["R-", "reactive", 4, -90],
	] as const) {
		station.apply({ current_A: reference_A, angle_deg });
		station.run(10);
		const before = await station.register(c);
		const { count } = station.led(quantity);
		const power = Math.abs(station.truth(quantity));
		station.run(Math.ceil((3600 * 20_000) / power));
		const energy_Wh = (await station.register(c)) - before;
		const byLed_Wh = ((station.led(quantity).count - count) * 1000) / model.ledConstant;
		const difference = (100 * (byLed_Wh - energy_Wh)) / energy_Wh;
		const limit = agreement * classLimit_percent;
		results.push(
			result(
				`LED against register ${name}, 20 kWh`,
				`within ${percent(limit)}`,
				percent(difference),
				Math.abs(difference) <= limit,
			),
		);
	}
	return results;
}

/** Value of an angle that is in no doubt about its quadrant. */
const turns_deg = Array.from({ length: 24 }, (_, n) => 7.5 + 15 * n);

/** All round the circle: sign of the power factor, and the one register of the quadrant that moves. */
export async function testQuadrants(station: Station, model: ModelDescriptor): Promise<CreepResult> {
	const { reference_A } = currentsOf(model);
	const wrong: string[] = [];
	for (const angle_deg of turns_deg) {
		station.apply({ current_A: reference_A, angle_deg });
		station.run(5);
		const quadrant = Math.floor(angle_deg / 90) + 1;
		const registers = [5, 6, 7, 8, 17, 18, 19, 20];
		const before = await station.registers(registers);
		station.run(Math.ceil((3600 * 20) / Math.abs(station.truth("reactive"))));
		const after = await station.registers(registers);
		const moved = registers.filter((_, n) => after[n]! - before[n]! > 1);
		const isRight = moved.length === 2 && moved[0] === 4 + quadrant && moved[1] === 16 + quadrant;
		const [factor] = await station.instantaneous([13]);
		const cosine = Math.cos((angle_deg * Math.PI) / 180);
		const hasRightFactor = Math.abs(factor! - cosine) <= 0.002;
		if (!isRight || !hasRightFactor) wrong.push(`${angle_deg}° (${moved.join(", ")}; ${factor})`);
	}
	const found = wrong.length === 0 ? `${turns_deg.length} angles right` : wrong.join("; ");
	return result(
		"quadrants and power factor round the circle, Iref",
		"sign and register of each",
		found,
		found[0] === "2",
	);
}

const alternations = 600;

/** Import and export second by second: both registers take theirs, nothing is lost and nothing counted twice. */
export async function testDirectionChanges(station: Station, model: ModelDescriptor): Promise<CreepResult> {
	const { reference_A } = currentsOf(model);
	const import_: StationLoad = { current_A: reference_A, angle_deg: 0 };
	const export_: StationLoad = { current_A: reference_A / 2, angle_deg: 180 };
	station.apply(export_);
	const exportPower = station.truth("active");
	station.apply(import_);
	const importPower = station.truth("active");
	station.apply({ current_A: 0, angle_deg: 0 });
	station.run(3);
	const [plus, minus, net] = await station.registers([1, 2, 16]);
	for (let n = 0; n < alternations; n++) {
		station.apply(n % 2 === 0 ? import_ : export_);
		station.run(1);
	}
	station.apply({ current_A: 0, angle_deg: 0 });
	station.run(3);
	const [plusAfter, minusAfter, netAfter] = await station.registers([1, 2, 16]);
	const wanted = ((importPower + exportPower) * alternations) / 2 / 3600;
	const found = netAfter! - net!;
	const difference = plusAfter! - plus! - (minusAfter! - minus!) - found;
	const isPassed = Math.abs(found - wanted) <= 0.002 * Math.abs(wanted) + 1 && Math.abs(difference) <= 1;
	return result(
		`direction changes every second for ${alternations / 60} min`,
		`A+ less A- ${wanted.toFixed(1)} Wh`,
		`${found} Wh`,
		isPassed,
	);
}

/** Outside the operating range a meter may lose all, and gain a tenth at most (MID). */
export async function testLowVoltage(station: Station, model: ModelDescriptor): Promise<CreepResult[]> {
	const { reference_A } = currentsOf(model);
	const results: CreepResult[] = [];
	for (const voltage of [0.7, 0.5, 0.3, 0.1]) {
		station.apply({ current_A: reference_A, angle_deg: 0, voltage });
		const { error_percent } = station.measure("active");
		results.push(
			result(
				`${voltage} Un, Iref`,
				"−100 … +10 %",
				percent(error_percent),
				error_percent <= 10 && error_percent >= -100,
			),
		);
	}
	return results;
}

/** Voltage that comes, goes and jumps without current gives neither impulses nor energy worth m · Un · Imax · 10^-6 kWh (MID). */
export async function testTransients(station: Station, model: ModelDescriptor): Promise<CreepResult> {
	const { maximum_A } = currentsOf(model);
	const limit_Wh = model.phases * model.nominalVoltage_V * maximum_A * 1e-3;
	station.apply({ current_A: 0, angle_deg: 0 });
	station.run(5);
	const registers = [1, 2, 3, 4];
	const before = await station.registers(registers);
	const pulses = station.led("active").count + station.led("reactive").count;
	for (let n = 0; n < 100; n++) {
		station.apply({ current_A: 0, angle_deg: 0, voltage: [0, 1.2, 0.4, 1][n % 4]! });
		station.run(0.05 + (n % 7) * 0.03);
	}
	station.apply({ current_A: 0, angle_deg: 0 });
	station.run(10);
	const after = await station.registers(registers);
	const moved_Wh = after.reduce((sum, value, n) => sum + value - before[n]!, 0);
	const given = station.led("active").count + station.led("reactive").count - pulses;
	return result(
		"100 interruptions, dips and swells without current",
		`at most ${limit_Wh.toFixed(0)} Wh`,
		`${given} pulses, ${moved_Wh} Wh`,
		moved_Wh <= limit_Wh && (given * 1000) / model.ledConstant <= limit_Wh,
	);
}

/** Greatest differences of the error with one phase loaded to that of the balanced load at reference current. */
export function compareSinglePhase(model: ModelDescriptor, points: readonly PointResult[]): CreepResult[] {
	if (model.phases === 1) return [];
	const { reference_A } = currentsOf(model);
	const compare = (name: string, limit: number, isWanted: (point: LoadPoint) => boolean): CreepResult => {
		const found = points.filter(({ point }) => point.current_A === reference_A && isWanted(point));
		const balanced = found.find(({ point }) => point.phase === undefined);
		const alone = found.filter(({ point }) => point.phase !== undefined);
		const differences = alone.flatMap(({ errors_percent }) =>
			errors_percent.map((error, n) => Math.abs(error - (balanced?.errors_percent[n] ?? Number.NaN))),
		);
		const worst = Math.max(...differences);
		return result(name, `at most ${limit} points`, worst.toFixed(4), differences.length > 0 && worst <= limit);
	};
	return [
		compare(
			"one phase against balanced, active, Iref, PF 1",
			1,
			({ group, factor, quantity }) => quantity === "active" && factor === "1" && group.endsWith("import"),
		),
		compare(
			"one phase against balanced, reactive, Iref, sin φ 1",
			2.5,
			({ factor, quantity, angle_deg }) => quantity === "reactive" && factor === "1" && angle_deg === 90,
		),
	];
}
