// SPDX-License-Identifier: Apache-2.0
import { Ade9000Model, type Ade9000Options } from "../../../../../hosts/simulator/afe/ade9000/ade9000-model.js";
import { addressOf, is16Bit } from "../../../../../hosts/simulator/afe/ade9000/register-map.js";
import {
	type Component,
	channelCount,
	type PhasorState,
	type Terminals,
} from "../../../../../hosts/simulator/grid/terminals.js";
import { boardSt402d } from "../../../../../src/models/board.js";

/** Terminals that show what a test puts on them; a change is told to nobody: advance the model to it first. */
export class FakeTerminals implements Terminals {
	isRecording = false;
	state: PhasorState = { frequency_Hz: 50, channels: Array.from({ length: channelCount }, () => []) };

	phasors(): PhasorState {
		return this.state;
	}

	sample(start_s: number, rate_Hz: number, count: number, into: readonly Float64Array[]): void {
		const { frequency_Hz, channels } = this.state;
		for (let c = 0; c < channelCount; c++) {
			const samples = into[c]!;
			samples.fill(0, 0, count);
			for (const { order, rms, phase_rad } of channels[c]!) {
				const scale = order === 0 ? 1 : Math.SQRT2;
				for (let n = 0; n < count; n++) {
					const turns = order * frequency_Hz * (start_s + n / rate_Hz);
					samples[n]! += scale * rms * Math.cos(2 * Math.PI * (turns - Math.floor(turns)) + phase_rad);
				}
			}
		}
	}

	/**
	 * Three phases, 120° apart, currents lagging by `lag_deg`; harmonics as [order, share, angle in degrees] of voltage and
	 * current. The neutral carries the sum of the currents.
	 */
	set(load: {
		readonly frequency_Hz?: number;
		readonly voltage_V?: readonly [number, number, number];
		readonly current_A?: readonly [number, number, number];
		readonly lag_deg?: number;
		readonly order?: "123" | "132";
		readonly voltageHarmonics?: readonly (readonly [number, number, number])[];
		readonly currentHarmonics?: readonly (readonly [number, number, number])[];
	}): void {
		const { frequency_Hz = 50, voltage_V = [230, 230, 230], current_A = [0, 0, 0], lag_deg = 0 } = load;
		const channels: Component[][] = Array.from({ length: channelCount }, () => []);
		const sums = new Map<number, { re: number; im: number }>();
		for (let p = 0; p < 3; p++) {
			const place_deg = (load.order === "132" ? [0, 120, -120] : [0, -120, 120])[p]!;
			const put = (c: number, rms: number, order: number, angle_deg: number) => {
				if (rms !== 0) channels[c]!.push({ order, rms, phase_rad: (angle_deg * Math.PI) / 180 });
				if (c < 3) return;
				const sum = sums.get(order) ?? { re: 0, im: 0 };
				sum.re += rms * Math.cos((angle_deg * Math.PI) / 180);
				sum.im += rms * Math.sin((angle_deg * Math.PI) / 180);
				sums.set(order, sum);
			};
			put(p, voltage_V[p]!, 1, place_deg);
			for (const [h, share, angle] of load.voltageHarmonics ?? [])
				put(p, voltage_V[p]! * share, h, h * place_deg + angle);
			put(3 + p, current_A[p]!, 1, place_deg - lag_deg);
			for (const [h, share, angle] of load.currentHarmonics ?? []) {
				put(3 + p, current_A[p]! * share, h, h * (place_deg - lag_deg) + angle);
			}
		}
		for (const [order, { re, im }] of sums) {
			channels[6]!.push({ order, rms: Math.hypot(re, im), phase_rad: Math.atan2(im, re) });
		}
		this.state = { frequency_Hz, channels };
	}
}

/** A chip on a board with an SPI master that reads and writes by the names of the data sheet. */
export class Bench {
	readonly terminals: FakeTerminals;
	readonly chip: Ade9000Model;

	constructor(options: Partial<Ade9000Options> & { terminals?: FakeTerminals } = {}) {
		this.terminals = options.terminals ?? new FakeTerminals();
		const terminals = this.terminals;
		this.chip = new Ade9000Model({ board: boardSt402d, gear: "phasor", seed: 1, noise: false, ...options, terminals });
	}

	at(name: string | number): number {
		return typeof name === "number" ? name : addressOf(name);
	}

	/** Frame of a command with `length` octets behind it, filled with 0xa5 or `data`; what came back. */
	frame(command: number, length: number, data: readonly number[] = []): Uint8Array {
		const frame = new Uint8Array(2 + length).fill(0xa5);
		frame[0] = command >> 8;
		frame[1] = command & 0xff;
		frame.set(data, 2);
		this.chip.transfer(frame);
		return frame;
	}

	/** Unsigned contents. */
	read(name: string | number): number {
		const at = this.at(name);
		const width = is16Bit(at) ? 2 : 4;
		const frame = this.frame((at << 4) | 8, width);
		let value = 0;
		for (let n = 0; n < width; n++) value = value * 256 + frame[2 + n]!;
		return value;
	}

	/** Signed 32 bits. */
	readSigned(name: string | number): number {
		return this.read(name) | 0;
	}

	write(name: string | number, value: number): void {
		const at = this.at(name);
		const data = [value >>> 8, value & 0xff].map((octet) => octet & 0xff);
		if (!is16Bit(at)) data.unshift((value >>> 24) & 0xff, (value >>> 16) & 0xff);
		this.frame(at << 4, data.length, data);
	}

	/** 45-bit accumulator, signed; `name` without _HI, e.g. "AWATTHR". */
	energy(name: string): number {
		return this.readSigned(`${name}_HI`) * 8192 + this.read(`${name}_LO`);
	}

	/** Lets `seconds` pass. */
	pass(seconds: number): void {
		this.chip.advanceTo(this.chip.now_s + seconds);
	}

	/** Wakes the chip, writes `registers`, sets RUN and switches the accumulators on. */
	start(registers: Readonly<Record<string, number>> = {}): this {
		this.chip.advanceTo(this.chip.now_s + 0.1);
		this.write("STATUS1", 0x0001_0000);
		this.write("CONFIG1", 0x0300); // no settling time
		this.write("EGY_TIME", 7999);
		this.write("PWR_TIME", 7999);
		for (const [name, value] of Object.entries(registers)) this.write(name, value);
		this.write("RUN", 1);
		this.write("EP_CFG", (registers["EP_CFG"] ?? 0) | 1);
		return this;
	}
}
