// SPDX-License-Identifier: Apache-2.0
import type { TestLeds } from "../../src/ports/test-leds.js";
import type { SimulatedRtc } from "./rtc.js";

/** A pulse output of the chip model, which its LED hangs on. */
interface ChipOutput {
	readonly count: number;
	readonly lastEdge_s: number;
}

/** Flashes that the processor's timer has been told to make. */
interface Train {
	next_ms: number;
	readonly period_ms: number;
	left: number;
}

/** One test LED: lit by its output of the chip, by the processor's timer, and by the square wave of the clock part. */
export class SimulatedLed {
	readonly #chip: ChipOutput;
	#trains: Train[] = [];
	/** World time of the next second of the clock part; Infinity while the LED does not follow it. */
	clock_ms = Number.POSITIVE_INFINITY;
	#count = 0;
	#lastEdge_s = Number.NEGATIVE_INFINITY;

	constructor(chip: ChipOutput) {
		this.#chip = chip;
	}

	/** Flashes since the start. */
	get count(): number {
		return this.#chip.count + this.#count;
	}

	/** World time of the last one; -Infinity before the first. */
	get lastEdge_s(): number {
		return Math.max(this.#chip.lastEdge_s, this.#lastEdge_s);
	}

	add(next_ms: number, period_ms: number, left: number): void {
		this.#trains.push({ next_ms, period_ms, left });
	}

	/** Whether the chip is not alone. */
	get isDriven(): boolean {
		return this.#trains.length > 0 || this.clock_ms < Number.POSITIVE_INFINITY;
	}

	/** Lets pass what has been asked for up to `now_ms`. @param second_ms of the clock part; Infinity while it stands still */
	advanceTo(now_ms: number, second_ms: number): void {
		if (second_ms === Number.POSITIVE_INFINITY) this.clock_ms = Math.max(this.clock_ms, now_ms + 1);
		for (; this.clock_ms <= now_ms; this.clock_ms += second_ms) this.#flash(this.clock_ms);
		for (const train of this.#trains) {
			for (; train.left > 0 && train.next_ms <= now_ms; train.left--) {
				this.#flash(train.next_ms);
				train.next_ms += train.period_ms;
			}
		}
		if (this.#trains.some(({ left }) => left === 0)) this.#trains = this.#trains.filter(({ left }) => left > 0);
	}

	/** Only the chip is left. */
	release(): void {
		this.#trains = [];
		this.clock_ms = Number.POSITIVE_INFINITY;
	}

	#flash(at_ms: number): void {
		this.#count++;
		this.#lastEdge_s = Math.max(this.#lastEdge_s, at_ms / 1000);
	}
}

/** The two test LEDs of a board. */
export class SimulatedLeds implements TestLeds {
	readonly leds: readonly [SimulatedLed, SimulatedLed];
	readonly #rtc: SimulatedRtc;
	#isDriven = false;

	/** @param outputs CF1 and CF2 of the chip */
	constructor(outputs: readonly [ChipOutput, ChipOutput], rtc: SimulatedRtc) {
		this.leds = [new SimulatedLed(outputs[0]), new SimulatedLed(outputs[1])];
		this.#rtc = rtc;
	}

	setClock(n: number, isOn: boolean): void {
		this.leds[n]!.clock_ms = isOn ? this.#rtc.nextSecond_ms() : Number.POSITIVE_INFINITY;
		if (isOn) this.#isDriven = true;
	}

	flash(n: number, first_ms: number, period_ms: number, count: number): void {
		this.leds[n]!.add(first_ms, period_ms, count);
		this.#isDriven = true;
	}

	advanceTo(now_ms: number): void {
		if (!this.#isDriven) return;
		const second_ms = this.#rtc.second_ms();
		for (const led of this.leds) led.advanceTo(now_ms, second_ms);
		this.#isDriven = this.leds.some((led) => led.isDriven);
	}

	/** Nothing but the chip has a supply, and soon it has none either. */
	powerDown(): void {
		for (const led of this.leds) led.release();
	}
}
