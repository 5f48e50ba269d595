// SPDX-License-Identifier: Apache-2.0

/** An angle of 0 or more millidegrees in tenths of a degree, rounded, 0..3599. */
export function decidegrees(angle_mdeg: number): number {
	return Math.round(angle_mdeg / 100) % 3600;
}

const radiansPerMillidegree = Math.PI / 180_000;

/**
 * Cosine of an angle in millidegrees, any sign, error below 1e-9.
 *
 * Sums and products only: `Math.cos` may differ in the last bit from engine to engine, and the values of a meter must not.
 */
export function cosine(angle_mdeg: number): number {
	let angle = Math.abs(angle_mdeg) % 360_000;
	if (angle > 180_000) angle = 360_000 - angle;
	const isObtuse = angle > 90_000;
	if (isObtuse) angle = 180_000 - angle;
	const value = angle <= 45_000 ? cosineSeries(angle) : sineSeries(90_000 - angle);
	return isObtuse ? -value : value;
}

/** Taylor series, 0..45 degrees: the first term left out is below 1.2e-10. */
function cosineSeries(angle_mdeg: number): number {
	const x = angle_mdeg * radiansPerMillidegree;
	const s = x * x;
	return 1 - (s / 2) * (1 - (s / 12) * (1 - (s / 30) * (1 - (s / 56) * (1 - s / 90))));
}

function sineSeries(angle_mdeg: number): number {
	const x = angle_mdeg * radiansPerMillidegree;
	const s = x * x;
	return x * (1 - (s / 6) * (1 - (s / 20) * (1 - (s / 42) * (1 - s / 72))));
}
