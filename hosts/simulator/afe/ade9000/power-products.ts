// SPDX-License-Identifier: Apache-2.0
import { channel } from "../../grid/terminals.js";
import { DelayLine, Hilbert } from "../dsp/hilbert.js";
import { OnePole } from "../dsp/one-pole.js";
import type { ChainSettings } from "./chain-settings.js";
import { hilbertBeta, hilbertLength, nominalRate_Hz } from "./constants.js";
import { blockLength } from "./input-stage.js";

/** Low-pass of the powers: y += (x − y)/128, about 10 Hz. */
const lowPass = 1 / 128;

const perPhase = <T>(make: () => T): readonly T[] => Array.from({ length: 3 }, make);
const block = () => new Float64Array(blockLength);

/** Waveform gear: products of voltage and current, straight and with the current turned by a quarter period. */
export class PowerProducts {
	/** Codes squared of the present block, by phase. */
	readonly active = perPhase(block);
	readonly reactive = perPhase(block);
	readonly #activeFilters = perPhase(() => new OnePole(lowPass));
	readonly #reactiveFilters = perPhase(() => new OnePole(lowPass));
	readonly #delays = perPhase(() => new DelayLine((hilbertLength - 1) / 2));
	readonly #turned = block();
	readonly #straight = block();
	#hilberts: readonly Hilbert[] = [];
	#nominalFrequency_Hz = 0;

	/** @param waves VA VB VC IA IB IC */
	process(waves: readonly Float64Array[], count: number, settings: ChainSettings): void {
		if (settings.nominalFrequency_Hz !== this.#nominalFrequency_Hz) {
			this.#nominalFrequency_Hz = settings.nominalFrequency_Hz;
			const omega = (2 * Math.PI * settings.nominalFrequency_Hz) / nominalRate_Hz;
			this.#hilberts = perPhase(() => new Hilbert(hilbertLength, hilbertBeta, omega));
		}
		for (let p = 0; p < 3; p++) {
			const voltage = waves[channel.u1 + p]!;
			const current = waves[channel.i1 + p]!;
			const active = this.active[p]!;
			for (let n = 0; n < count; n++) active[n] = voltage[n]! * current[n]!;
			if (!settings.isActiveLowPassOff) this.#activeFilters[p]!.process(active, active, count);
			this.#hilberts[p]!.process(current, this.#turned, this.#straight, count);
			const reactive = this.reactive[p]!;
			this.#delays[p]!.process(voltage, reactive, count);
			// The filter turns backwards; a lagging current shall count positive.
			for (let n = 0; n < count; n++) reactive[n]! *= -this.#turned[n]!;
			if (!settings.isReactiveLowPassOff) this.#reactiveFilters[p]!.process(reactive, reactive, count);
		}
	}
}
