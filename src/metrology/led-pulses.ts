// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import type { TestLeds } from "../ports/test-leds.js";
import type { EnergyRegisters } from "./energy-registers.js";
import type { FrontEnd } from "./front-end.js";
import { driverOf, type LedMeans, ledDriver, quantityOfSource, registerOfSource } from "./led-source.js";

/** Units of 0.1 Wh per kWh: each listed constant divides it. */
const unitsPerKilo = 10_000;
/** Impulses of an interval begin so long after it was read: readings come up to a poll earlier or later than usual. */
const lead_ms = 300;
/** Share of what the lead is off by that is corrected per interval: the clocks of chip and processor drift apart by ppm. */
const correction = 1 / 1024;
/** Energy of a late interval is flashed in this time; the next one is already on its way. */
const longestTrain_ms = 1000;
const leds = 2;

/**
 * Impulses of quantities that no output of the chip gives as the registers count them: those of an interval are spread evenly
 * over the next one. What is left over of an impulse is carried on in codes, so that LED and register never drift apart.
 */
export class LedPulses {
	readonly #leds: TestLeds;
	readonly #frontEnd: FrontEnd;
	readonly #registers: EnergyRegisters;
	/** Of each LED, codes · denominator since its last impulse. */
	readonly #rests = zeros(leds);
	/** Where the impulses of the next interval begin. */
	#begin_ms = -Infinity;

	readonly #means: LedMeans;

	/** @param leds with `flash` */
	constructor(leds: TestLeds, frontEnd: FrontEnd, registers: EnergyRegisters, means: LedMeans) {
		this.#leds = leds;
		this.#means = means;
		this.#frontEnd = frontEnd;
		this.#registers = registers;
	}

	/** An interval has been registered. @param sources what the LEDs show */
	intervalFinished(sources: readonly number[], duration_ms: number, now_ms: number): void {
		const due_ms = now_ms + lead_ms;
		const begin_ms = this.#begin_ms;
		const isFollowing = begin_ms >= now_ms && begin_ms < due_ms + lead_ms;
		this.#begin_ms = isFollowing ? begin_ms + (due_ms - begin_ms) * correction : due_ms;
		const train_ms = Math.min(duration_ms, longestTrain_ms);
		for (let n = 0; n < leds; n++)
			if (driverOf(sources[n]!, this.#means) === ledDriver.processor) this.flash(n, sources[n]!, train_ms);
		this.#begin_ms += train_ms;
	}

	private flash(n: number, source: number, train_ms: number): void {
		const { ledConstants, unitNumerator, unitDenominator } = this.#frontEnd;
		const perImpulse = (unitNumerator * unitsPerKilo) / ledConstants[quantityOfSource(source)]!;
		const energy = registerOfSource(this.#registers, source) * unitDenominator;
		const before = this.#rests[n]!;
		const count = Math.floor((before + energy) / perImpulse);
		this.#rests[n] = before + energy - count * perImpulse;
		if (count === 0) return;
		const period_ms = (perImpulse / energy) * train_ms;
		this.#leds.flash!(n, this.#begin_ms + Math.max(0, ((perImpulse - before) / energy) * train_ms), period_ms, count);
	}
}
