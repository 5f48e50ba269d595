// SPDX-License-Identifier: Apache-2.0
import { channelCount, type PhasorState } from "./terminals.js";

/** Samples between two exact evaluations of the rotating phasor: its rounding stays near 1e-14. */
const stride = 256;

interface Part {
	readonly channel: number;
	readonly cosine: number;
	readonly sine: number;
}

interface Tone {
	readonly order: number;
	readonly parts: readonly Part[];
}

/**
 * The waveforms of one phasor state, ready to be evaluated fast.
 *
 * Every order is rotated once and shared by all channels, so the cost is 4 products per order and 2 per component
 * and sample.
 */
export class Synthesis {
	readonly #frequency_Hz: number;
	readonly #levels = new Float64Array(channelCount);
	readonly #tones: Tone[] = [];
	readonly #cosine = new Float64Array(stride);
	readonly #sine = new Float64Array(stride);

	constructor(state: PhasorState) {
		this.#frequency_Hz = state.frequency_Hz;
		const tones = new Map<number, Part[]>();
		for (let channel = 0; channel < channelCount; channel++) {
			for (const component of state.channels[channel] ?? []) {
				if (component.rms === 0) continue;
				if (component.order === 0) {
					this.#levels[channel]! += component.rms;
					continue;
				}
				let parts = tones.get(component.order);
				if (parts === undefined) tones.set(component.order, (parts = []));
				const amplitude = component.rms * Math.SQRT2;
				parts.push({
					channel,
					cosine: amplitude * Math.cos(component.phase_rad),
					sine: -amplitude * Math.sin(component.phase_rad),
				});
			}
		}
		for (const [order, parts] of tones) this.#tones.push({ order, parts });
	}

	/**
	 * Fills `into[c][from … to-1]` with channel c; sample `from` is at mains angle `cycles` (in turns).
	 * Tones at or above half the rate are left out.
	 */
	fill(cycles: number, rate_Hz: number, from: number, to: number, into: readonly Float64Array[]): void {
		for (let c = 0; c < into.length; c++) into[c]!.fill(this.#levels[c] ?? 0, from, to);
		const turn = this.#frequency_Hz / rate_Hz;
		for (const { order, parts } of this.#tones) {
			if (order * turn >= 0.5) continue;
			for (let at = from; at < to; at += stride) {
				const count = Math.min(stride, to - at);
				this.#rotate(order * (cycles + (at - from) * turn), order * turn, count);
				for (const part of parts) this.#add(part, into[part.channel]!, at, count);
			}
		}
	}

	#rotate(cycles: number, turn: number, count: number): void {
		const start = 2 * Math.PI * (cycles - Math.floor(cycles));
		let c = Math.cos(start);
		let s = Math.sin(start);
		const stepC = Math.cos(2 * Math.PI * turn);
		const stepS = Math.sin(2 * Math.PI * turn);
		const cosine = this.#cosine;
		const sine = this.#sine;
		for (let n = 0; n < count; n++) {
			cosine[n] = c;
			sine[n] = s;
			const next = c * stepC - s * stepS;
			s = s * stepC + c * stepS;
			c = next;
		}
	}

	#add(part: Part, samples: Float64Array, at: number, count: number): void {
		const { cosine: a, sine: b } = part;
		const cosine = this.#cosine;
		const sine = this.#sine;
		for (let n = 0; n < count; n++) samples[at + n]! += a * cosine[n]! + b * sine[n]!;
	}
}
