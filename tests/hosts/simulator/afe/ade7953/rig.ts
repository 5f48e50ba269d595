// SPDX-License-Identifier: Apache-2.0
import { Ade7953Model, type Ade7953Options } from "../../../../../hosts/simulator/afe/ade7953/ade7953-model.js";
import { reg, widthAt } from "../../../../../hosts/simulator/afe/ade7953/registers.js";
import {
	type Component,
	channel,
	channelCount,
	type PhasorState,
	type Terminals,
} from "../../../../../hosts/simulator/grid/terminals.js";
import { boardSm402d } from "../../../../../src/models/board.js";

/** Terminals with fixed phasors that a test replaces; samples are evaluated directly. */
export class BenchTerminals implements Terminals {
	isRecording = false;
	#state: PhasorState = { frequency_Hz: 50, channels: Array.from({ length: channelCount }, () => []) };

	phasors(): PhasorState {
		return this.#state;
	}

	set(frequency_Hz: number, u: readonly Component[], i: readonly Component[], neutral: readonly Component[] = i): void {
		const channels: (readonly Component[])[] = Array.from({ length: channelCount }, () => []);
		channels[channel.u1] = u;
		channels[channel.i1] = i;
		channels[channel.neutral] = neutral;
		this.#state = { frequency_Hz, channels };
	}

	sample(start_s: number, rate_Hz: number, count: number, into: readonly Float64Array[]): void {
		const { frequency_Hz, channels } = this.#state;
		for (let c = 0; c < channelCount; c++) {
			const samples = into[c]!;
			samples.fill(0, 0, count);
			for (const { order, rms, phase_rad } of channels[c]!) {
				const size = order === 0 ? rms : rms * Math.SQRT2;
				for (let n = 0; n < count; n++) {
					const turns = order * frequency_Hz * (start_s + n / rate_Hz);
					samples[n]! += size * Math.cos(2 * Math.PI * (turns % 1) + phase_rad);
				}
			}
		}
	}
}

const radians = Math.PI / 180;

/** A model on a bench: sinusoidal source, register access by frames, the start sequence of the data sheet. */
export class Rig {
	readonly terminals = new BenchTerminals();
	readonly model: Ade7953Model;

	constructor(options: Partial<Ade7953Options> = {}) {
		this.model = new Ade7953Model({
			terminals: this.terminals,
			board: boardSm402d,
			gear: "phasor",
			seed: 1,
			noise: false,
			...options,
		});
	}

	get now_s(): number {
		return this.model.now_s;
	}

	/** A positive angle: the current lags. */
	load(voltage_V: number, current_A: number, lag_deg = 0, frequency_Hz = 50, neutral_A = current_A): void {
		const current = (rms: number) => [{ order: 1, rms, phase_rad: -lag_deg * radians }];
		this.terminals.set(
			frequency_Hz,
			[{ order: 1, rms: voltage_V, phase_rad: 0 }],
			current(current_A),
			current(neutral_A),
		);
	}

	/** A change of the mains at the present, announced as the grid does. */
	change(voltage_V: number, current_A: number, lag_deg = 0, frequency_Hz = 50): void {
		this.model.advanceTo(this.now_s);
		this.load(voltage_V, current_A, lag_deg, frequency_Hz);
	}

	wait(time_s: number): void {
		this.model.advanceTo(this.now_s + time_s);
	}

	/** Sends octets, returns what came back. */
	frame(...octets: number[]): Uint8Array {
		const frame = Uint8Array.from(octets);
		this.model.transfer(frame);
		return frame;
	}

	/** Raw content, unsigned. */
	read(address: number): number {
		const width = widthAt(address);
		const frame = this.frame(address >> 8, address & 255, 0x80, ...new Array<number>(width).fill(0xa5));
		let value = 0;
		for (let n = 0; n < width; n++) value = value * 256 + frame[3 + n]!;
		return value;
	}

	/** Through the 32-bit alias, as a signed number. */
	signed(address: number): number {
		return this.read(address + 0x100) | 0;
	}

	signed16(address: number): number {
		return (this.read(address) << 16) >> 16;
	}

	write(address: number, value: number): void {
		const width = widthAt(address);
		const data: number[] = [];
		for (let n = width - 1; n >= 0; n--) data.push((value >>> (8 * n)) & 255);
		this.frame(address >> 8, address & 255, 0x00, ...data);
	}

	/** Waits for the end of the reset and goes through the mandatory sequence; energy registers count without reset. */
	start(): this {
		this.wait(0.07);
		this.read(reg.RSTIRQSTATA + 0x100);
		this.write(reg.CONFIG, 0x0004);
		this.write(reg.UNLOCK, 0xad);
		this.write(reg.OPTIMUM, 0x0030);
		this.write(reg.PGA_IA, 4);
		this.write(reg.LCYCMODE, 0);
		return this;
	}

	/** CFxDEN as the data sheet asks: twice. */
	writeDivider(address: number, value: number): void {
		this.write(address, value);
		this.write(address, value);
	}

	/** Counts that an energy register gains in `time_s`. */
	counts(address: number, time_s: number): number {
		const before = this.signed(address);
		this.wait(time_s);
		return ((this.signed(address) - before) << 8) >> 8;
	}
}

/** The board's full scales in V and A, from its parts: 990 kΩ : 1 kΩ, 150 µΩ at gain 16, 500 mV crest. */
export const fullScale_V = (0.5 / Math.SQRT2) * 991;
export const fullScale_A = 0.5 / Math.SQRT2 / 16 / 150e-6;
/** Neutral: transformer 2500 : 1 on 6 Ω, gain 1. */
export const fullScaleNeutral_A = (0.5 / Math.SQRT2 / 6) * 2500;

/** Gain of the chip's path at a frequency: its three band taps and its high-pass (1 far above the corner). */
export function pathGain(frequency_Hz: number): number {
	const omega = (2 * Math.PI * frequency_Hz) / 6992.1875;
	const a = Math.exp((-2 * Math.PI * 0.625) / 6992.1875);
	const band = 0.468544 + 2 * 0.265728 * Math.cos(omega);
	const top = ((1 + a) / 2) * Math.hypot(1 - Math.cos(omega), Math.sin(omega));
	return (band * top) / Math.hypot(1 - a * Math.cos(omega), a * Math.sin(omega));
}
