// SPDX-License-Identifier: Apache-2.0
import type { TestLoad } from "./bench.js";

/** @param error relative: 0.01 is one percent */
export function toPercent(error: number): string {
	return (error * 100).toFixed(3);
}

/** Without the tail of binary fractions. */
function short(value: number): number {
	return Number(value.toPrecision(6));
}

/** `230 V, 5 A, 60 deg lagging`, as an operator sets it. */
export function describeLoad({ voltage_V, current_A, angle_deg, phase }: TestLoad): string {
	const angle =
		angle_deg === 0 ? "in phase" : `${short(Math.abs(angle_deg))} deg ${angle_deg > 0 ? "lagging" : "leading"}`;
	return `${short(voltage_V)} V, ${short(current_A)} A${phase === undefined ? "" : ` in L${phase} alone`}, ${angle}`;
}

/** Errors of active power that the finished board was found with, one for each phase. */
export function verificationNote(load: TestLoad, errors: readonly number[]): string {
	return `${describeLoad(load)}: ${errors.map((error, n) => `L${n + 1} ${toPercent(error)} %`).join(", ")}`;
}
