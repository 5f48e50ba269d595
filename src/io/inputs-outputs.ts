// SPDX-License-Identifier: Apache-2.0

import { eventLog } from "../events/event-sink.js";
import { findEvent } from "../events/event-table.js";
import type { MetrologyView } from "../metrology/view.js";
import { outputCount, relayCount } from "../ports/io-pins.js";
import { Inputs } from "./inputs.js";
import type { IoParts } from "./io-parts.js";
import { type IoSettings, inputFunction, outputFunction, shortestPulse_ms } from "./io-settings.js";
import { LoadRelays } from "./load-relays.js";
import { Outputs } from "./outputs.js";

const longestDebounce_ms = 60_000;
const longestPulse_ms = 10_000;
/** Impulses per hour of 1 kW and 1 impulse per kWh, in seconds. */
const wattSeconds = 3_600_000;

/** Inputs, outputs and relays of a meter, and what clients may choose of them. All count from 0. */
export class InputsOutputs {
	readonly relays: LoadRelays;
	readonly inputs: Inputs;
	readonly outputs: Outputs;
	readonly #parts: IoParts;

	constructor(parts: IoParts) {
		this.#parts = parts;
		this.relays = new LoadRelays(parts);
		this.inputs = new Inputs(parts);
		this.outputs = new Outputs(parts);
	}

	get settings(): IoSettings {
		return this.#parts.settings;
	}

	/** To be called at the end of each measuring interval. */
	intervalFinished(metrology: MetrologyView, now_ms: number): void {
		this.relays.show();
		this.outputs.intervalFinished(metrology, now_ms, this.relays);
	}

	/** Bit n: output n + 1 is on; bit 4 + n: relay n + 1 is closed. */
	get outputState(): number {
		let state = 0;
		for (let n = 0; n < outputCount; n++) if (this.outputs.isOn(n)) state |= 1 << n;
		for (let n = 0; n < relayCount; n++)
			if (this.relays.isFitted(n) && this.relays.isClosed(n)) state |= 1 << (outputCount + n);
		return state;
	}

	/**
	 * @param wanted one of `inputFunction` @param event code of the standard log
	 * @returns false, unchanged, for what is out of range. @throws DeviceError, unchanged
	 */
	setInput(n: number, wanted: number, isInverted: boolean, debounce_ms: number, event: number): boolean {
		if (wanted >= inputFunction.count || debounce_ms < 1 || debounce_ms > longestDebounce_ms) return false;
		const isReported = wanted === inputFunction.alarmContact || wanted === inputFunction.doorContact;
		if (isReported && !isHarmless(event)) return false;
		this.settings.change(
			(settings) => settings.setInput(n, wanted, isInverted, debounce_ms, event),
			() => true,
		);
		this.inputs.reconfigured(n);
		return true;
	}

	/** @param wanted one of `outputFunction` @param pulse_ms 0 for that of all outputs @returns as `setInput` */
	setOutput(n: number, wanted: number, isInverted: boolean, pulse_ms: number): boolean {
		if (wanted >= outputFunction.count || (pulse_ms !== 0 && !isPulse(pulse_ms))) return false;
		const isDone = this.settings.change(
			(settings) => settings.setOutput(n, wanted, isInverted, pulse_ms),
			() => this.isUnique(n) && this.isServed(n) && this.isReachable(n),
		);
		if (isDone) this.outputs.reconfigured(n);
		return isDone;
	}

	/** Impulses per Wh of the meter in front of an input. @returns as `setInput` */
	setInputConstant(constant: number): boolean {
		if (constant < 1) return false;
		return this.settings.change(
			(settings) => {
				settings.inputConstant = constant;
			},
			() => true,
		);
	}

	/** @returns as `setInput` */
	setPulseDuration(duration_ms: number): boolean {
		if (!isPulse(duration_ms)) return false;
		return this.settings.change(
			(settings) => {
				settings.pulseDuration_ms = duration_ms;
			},
			() => this.areAllReachable(),
		);
	}

	/**
	 * Impulses of the outputs per kWh (0), kvarh (1), kVAh (2). That of the factory is taken back while no output gives it, even
	 * if the greatest power would need shorter impulses.
	 * @returns as `setInput`
	 */
	setConstant(kind: number, constant: number): boolean {
		if (constant === this.settings.constant(kind)) return true;
		const isUsual = constant === this.#parts.model.ledConstant;
		if (constant < 1 || !(isUsual || this.isSlow(constant, this.settings.pulseDuration_ms))) return false;
		return this.settings.change(
			(settings) => settings.setConstant(kind, constant),
			() => this.areAllReachable(),
		);
	}

	/** A function is that of one output only (F69, F70). */
	private isUnique(n: number): boolean {
		const wanted = this.settings.outputFunction(n);
		if (wanted === outputFunction.none || wanted === outputFunction.relay) return true;
		for (let other = 0; other < outputCount; other++)
			if (other !== n && this.settings.outputFunction(other) === wanted) return false;
		return true;
	}

	/** What the output is to follow is there. */
	private isServed(n: number): boolean {
		const wanted = this.settings.outputFunction(n);
		if (wanted === outputFunction.relay) return n < relayCount && this.relays.isFitted(n);
		if (wanted === outputFunction.contactor)
			return this.#parts.host.isSupplyOn !== undefined || this.relays.isFitted(0);
		return true;
	}

	private isReachable(n: number): boolean {
		const kind = this.settings.outputFunction(n) - outputFunction.activePulse;
		return kind < 0 || kind > 1 || this.isSlow(this.settings.constant(kind), this.settings.pulse_ms(n));
	}

	private areAllReachable(): boolean {
		for (let n = 0; n < outputCount; n++) if (!this.isReachable(n)) return false;
		return true;
	}

	/** Impulses of this length do not run together at the greatest power. */
	private isSlow(constant: number, pulse_ms: number): boolean {
		return (this.#parts.host.greatestPower_W * constant * 2 * pulse_ms) / 1000 <= wattSeconds;
	}
}

function isPulse(duration_ms: number): boolean {
	return duration_ms >= shortestPulse_ms && duration_ms <= longestPulse_ms;
}

/** An event that the standard log knows and that says nothing of the meter's own health. */
function isHarmless(code: number): boolean {
	const event = findEvent(eventLog.standard, code);
	return event !== undefined && event.error < 0 && event.begins < 0;
}
