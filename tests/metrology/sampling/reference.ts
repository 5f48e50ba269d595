// SPDX-License-Identifier: Apache-2.0

/** One sinusoid of a test signal: peak in codes, phase in radians of a cosine. */
export interface Tone {
	readonly order: number;
	readonly peak: number;
	readonly phase: number;
}

/** 512 points: four cycles of 128, not rounded. */
export function waveform(tones: readonly Tone[]): Float64Array {
	const points = new Float64Array(512);
	for (const { order, peak, phase } of tones) {
		for (let n = 0; n < points.length; n++) points[n]! += peak * Math.cos((2 * Math.PI * order * n) / 128 + phase);
	}
	return points;
}

/** What a converter of 16 bits makes of it: rounded, and clipped at the rails. */
export function converted(points: Float64Array): Int16Array {
	return Int16Array.from(points, (x) => Math.max(-32_768, Math.min(32_767, Math.round(x))));
}

/** Peak phasor of an order over all points, in codes; double precision, straight from the definition. */
export function phasor(points: ArrayLike<number>, order: number): { re: number; im: number } {
	let re = 0;
	let im = 0;
	for (let n = 0; n < points.length; n++) {
		const angle = (2 * Math.PI * ((order * n) % 128)) / 128;
		re += points[n]! * Math.cos(angle);
		im -= points[n]! * Math.sin(angle);
	}
	return { re: (2 * re) / points.length, im: (2 * im) / points.length };
}

/** Eight half cycles as they come from the front end: current and voltage of each phase, 16 bits, high octet first. */
export function framesOf(phases: readonly { readonly u: Int16Array; readonly i: Int16Array }[]): DataView[] {
	return Array.from({ length: 8 }, (_, half) => {
		const view = new DataView(new ArrayBuffer(64 * 4 * phases.length));
		for (let n = 0; n < 64; n++) {
			phases.forEach(({ u, i }, phase) => {
				const at = (n * phases.length + phase) * 4;
				view.setInt16(at, i[half * 64 + n]!);
				view.setInt16(at + 2, u[half * 64 + n]!);
			});
		}
		return view;
	});
}

/** √(Σ A²) of orders 2..last over A of the fundamental, in %. */
export function thd_percent(points: ArrayLike<number>, last = 40): number {
	let sum = 0;
	for (let order = 2; order <= last; order++) {
		const { re, im } = phasor(points, order);
		sum += re * re + im * im;
	}
	const { re, im } = phasor(points, 1);
	return 100 * Math.sqrt(sum / (re * re + im * im));
}
