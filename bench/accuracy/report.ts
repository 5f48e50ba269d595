// SPDX-License-Identifier: Apache-2.0
import type { Campaign, ControlResult, PointResult } from "./campaign.js";
import { type Limits, strictest } from "./load-points.js";
import { worstShare } from "./plots.js";

/** Shares of the strictest limit that this meter is to stay below. */
export const targets = Object.freeze({ active_percent: 100 / 3, reactive_percent: 50 });

/** One statement about a campaign that a reader, or a program, wants to know first. */
export interface Verdict {
	readonly name: string;
	readonly found: string;
	readonly isMet: boolean;
}

const worstOf = (errors: readonly number[]): number => errors.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
const signed = (value: number, digits = 4): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
const range = (errors: readonly number[]): string => `${signed(Math.min(...errors))} … ${signed(Math.max(...errors))}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
	return [line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}

/** "A 3 %, B 4 %": the largest error as a share of the limit of every class. */
function shares(limits: Limits, errors: readonly number[]): string {
	const worst = Math.abs(worstOf(errors));
	return Object.entries(limits)
		.map(([name, limit]) => `${name} ${((100 * worst) / limit).toFixed(1)} %`)
		.join(", ");
}

export function isControlFailed({ worst }: ControlResult): boolean {
	return worst.every(({ error_percent, limit_percent }) => Math.abs(error_percent) > limit_percent);
}

export function verdicts(campaign: Campaign): Verdict[] {
	const { points, waveform, variants, influences, creep, behaviour, household, controls, registers } = campaign;
	const share = (name: string, results: readonly PointResult[], target_percent: number): Verdict[] => {
		if (results.length === 0) return [];
		const worst = worstShare(results);
		const found = `worst ${worst.toFixed(1)} % of the limit, target ${target_percent.toFixed(0)} %`;
		return [{ name, found, isMet: worst <= target_percent }];
	};
	const active = points.filter(({ point }) => point.quantity === "active");
	const reactive = points.filter(({ point }) => point.quantity === "reactive");
	const all = [
		...share(`active energy, ${active.length} load points, class C`, active, targets.active_percent),
		...share(`reactive energy, ${reactive.length} load points, class 2`, reactive, targets.reactive_percent),
		...share("active energy sample by sample, class C", waveform, targets.active_percent),
	];
	for (const { name, points: found } of variants) {
		const ofVariant = (quantity: string) => found.filter(({ point }) => point.quantity === quantity);
		all.push(...share(`${name}, active energy, class C`, ofVariant("active"), targets.active_percent));
		all.push(...share(`${name}, reactive energy, class 2`, ofVariant("reactive"), targets.reactive_percent));
	}
	const changes = influences.map(
		({ changes_percent, limits }) => Math.abs(worstOf(changes_percent)) / strictest(limits),
	);
	all.push({
		name: `influence quantities, ${influences.length} of class C and 2`,
		found: `worst ${(100 * Math.max(0, ...changes)).toFixed(1)} % of the limit`,
		isMet: changes.every((change) => change <= 1),
	});
	if (registers.length > 0) {
		const worst = Math.max(
			...registers.map(({ errors_percent, limit_percent }) => Math.abs(worstOf(errors_percent)) / limit_percent),
		);
		all.push({
			name: "registers over DLMS",
			found: `worst ${(100 * worst).toFixed(1)} % of the limit`,
			isMet: worst <= 1 / 3,
		});
	}
	for (const [name, tests] of [
		["starting, no load, start-up", creep],
		["repeatability, LED and register, signs, transients", behaviour],
		["household, an hour sample by sample", household],
	] as const) {
		if (tests.length === 0) continue;
		const passed = tests.filter(({ isPassed }) => isPassed).length;
		all.push({ name, found: `${passed} of ${tests.length} passed`, isMet: passed === tests.length });
	}
	const failed = controls.filter(isControlFailed).length;
	all.push({
		name: "negative controls, which must be out of limits",
		found: `${failed} of ${controls.length} found`,
		isMet: failed === controls.length,
	});
	return all;
}

function pointRows(results: readonly PointResult[]): string[][] {
	return results.map(({ point, errors_percent }) => [
		point.group,
		String(point.current_A),
		point.quantity === "reactive" ? `${point.factor} at ${Math.round(point.angle_deg)}°` : point.factor,
		range(errors_percent),
		shares(point.limits, errors_percent),
	]);
}

const pointHead = ["load", "A", "PF, sin φ", "error of the boards, %", "largest, of the limit of class"] as const;

function modelSection(campaign: Campaign, picture: string): string {
	const { model, points, waveform, influences, creep, behaviour, household, controls, registers, variants } = campaign;
	const parts = [`## ${model.name}\n`, `![Errors of ${model.name}](${picture})\n`];
	parts.push(
		table(
			["what", "found", "met"],
			verdicts(campaign).map(({ name, found, isMet }) => [name, found, isMet ? "yes" : "**no**"]),
		),
	);
	parts.push("### Negative controls\n", "Mistakes made on purpose. Each must be found, on every board.\n");
	parts.push(
		table(
			["mistake", "load", "error of the boards, %", "limit of class C, %", "found"],
			controls.map((control) => [
				control.name,
				`Iref, PF ${[...new Set(control.worst.map(({ factor }) => factor))].join(" or ")}`,
				range(control.worst.map(({ error_percent }) => error_percent)),
				[...new Set(control.worst.map(({ limit_percent }) => limit_percent))].join(" or "),
				isControlFailed(control) ? "yes" : "**no**",
			]),
		),
	);
	for (const [name, tests] of [
		["Starting and no load", creep],
		["Repeatability, LED and register, signs, transients", behaviour],
		["An hour of a household, sample by sample", household],
	] as const) {
		if (tests.length === 0) continue;
		parts.push(
			`### ${name}\n`,
			table(
				["test", "wanted", "found", "passed"],
				tests.map(({ name: test, wanted, found, isPassed }) => [test, wanted, found, isPassed ? "yes" : "**no**"]),
			),
		);
	}
	parts.push("### Influence quantities\n");
	parts.push(
		table(
			["influence", "gear", "change of the error, %", "largest, of the limit of class"],
			influences.map(({ name, gear, limits, changes_percent }) => [
				name,
				gear,
				range(changes_percent),
				shares(limits, changes_percent),
			]),
		),
	);
	if (registers.length > 0) {
		parts.push("### Registers over DLMS\n", "Five kilowatt-hours each; the last digit alone is 0.02 %.\n");
		parts.push(
			table(
				["register", "A", "error of the boards, %", "largest, of the limit"],
				registers.map(({ name, current_A, limit_percent, errors_percent }) => [
					name,
					String(current_A),
					range(errors_percent),
					`${((100 * Math.abs(worstOf(errors_percent))) / limit_percent).toFixed(1)} %`,
				]),
			),
		);
	}
	parts.push("### Load points\n", table(pointHead, pointRows(points)));
	if (waveform.length > 0) parts.push("### Load points, sample by sample\n", table(pointHead, pointRows(waveform)));
	for (const { name, points: found } of variants) parts.push(`### ${name}\n`, table(pointHead, pointRows(found)));
	return parts.join("\n");
}

const introduction = `# Accuracy on the virtual bench

Written by \`npm run accuracy\`; do not edit. The bench stands outside the meter: it sets volts and amperes at the terminals, takes
the instants of the LED's edges, and reads registers with a DLMS client that shares no code with the meter. An error is what
the LED counted against the true energy between two edges: at least ten pulses and ten seconds, five seconds after the
load was set.

The boards are simulated **with** errors: gain of every channel up to ±2 %, phase of every current up to ±0.5°, offset up to
0.1 % of full scale, crystal up to ±20 ppm, drawn from the seed, and the noise of the converters. Each board was calibrated
by the procedure of \`npm run calibrate\` before. The load points run in the phasor gear of the chip models; a part of
them, and every influence with harmonics, direct current or sub-harmonics, runs sample by sample.

Limits: EN 50470-3 for the classes A, B and C, IEC 62053-23 for reactive energy of the classes 2 and 3. Targets: active energy at every
load point within a third of class C, reactive energy within half of class 2.

The same results for programs, every board by itself, are in the JSON file beside this report.

## What this does not show

- The simulated sensors are linear. The error curve of a current transformer, its response to direct current, the
  temperature of shunt, divider and reference, ageing, and fields from outside are not modelled: the bench shows what converter noise,
  resolution, filters, calibration and arithmetic leave, and that mistakes are found. It replaces no type test.
- The total of a meter whose loads and sources balance counts a second in which the direction turns for one direction, and
  a phase that wakes from no load is seen after 64 ms at most; both are in the hour of a household below.
- Temperature coefficients, self-heating, short-time overcurrent, bursts and radiated fields have no counterpart in the models
  and are not listed as passed.
- No load and starting use the levels of class B, which the models are delivered with. A transformer meter of class C starts
  at 5 mA; that needs the lower level in its descriptor.
`;

/** The report as Markdown. @param base file name of the pictures, without model and ending */
export function writeReport(campaigns: readonly Campaign[], base: string): string {
	const seeds = campaigns[0]?.seeds.join(", ") ?? "";
	const firmware = [
		...new Set(campaigns.map(({ firmware: { version, checksum } }) => `${version} (SHA-256 ${checksum})`)),
	];
	const parts = [
		introduction,
		`## Summary\n\nBoards: seeds ${seeds}. Legally relevant software: ${firmware.join(", ")}.\n`,
	];
	parts.push(
		table(
			["model", "what", "found", "met"],
			campaigns.flatMap((campaign) =>
				verdicts(campaign).map(({ name, found, isMet }) => [
					campaign.model.name,
					name,
					found,
					isMet ? "yes" : "**no**",
				]),
			),
		),
	);
	parts.push(`![Share of the limits](${base}-shares.svg)\n\n![Influence quantities](${base}-influences.svg)\n`);
	for (const campaign of campaigns) {
		parts.push(modelSection(campaign, `${base}-${campaign.model.name.toLowerCase()}.svg`));
	}
	return `${parts.join("\n").trimEnd()}\n`;
}

/** The results as JSON, errors to a hundred-thousandth of a percent. */
export function writeData(campaigns: readonly Campaign[]): string {
	const rounded = (_: string, value: unknown): unknown =>
		typeof value === "number" ? Math.round(value * 1e5) / 1e5 : value;
	const all = campaigns.map(({ model, ...found }) => ({
		model: model.name,
		accuracyClass: model.accuracyClass,
		verdicts: verdicts({ model, ...found }),
		...found,
	}));
	return `${JSON.stringify(all, rounded)}\n`;
}
