// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import type { MetrologyView } from "../metrology/view.js";
import type { ModelDescriptor } from "../models/model.js";
import { tamperGroup } from "./fraud-kinds.js";
import type { TamperRecord } from "./tamper-record.js";

const phases = 3;
/** A generator rests at night: a phase behind which there is one imports again within a day. */
const rest_ms = 86_400_000;
/** Share of nominal voltage times reference current from which a power tells its direction. */
const share = 0.1;

/**
 * Tells a transformer the wrong way round from a generator on one phase (docs/decisions/0027). A phase is suspected when it
 * exports while the meter as a whole imports, until it imports again. One that has come back by itself, no cover having been
 * opened, is known to have a generator; it is suspected only when it has not imported for a day.
 */
export class ReversedCurrent {
	readonly #model: ModelDescriptor;
	readonly #record: TamperRecord;
	/** Monotonic time at which each phase was seen importing last, or of the first look. */
	readonly #imported_ms = zeros(phases);
	/** Openings of the covers when the suspicion began; -1 = at an earlier start. */
	#openings = -1;
	#hasLooked = false;

	constructor(model: ModelDescriptor, record: TamperRecord) {
		this.#model = model;
		this.#record = record;
	}

	/** One look. @param isOn a suspicion has been told and has not ended @returns whether there is reason for one */
	look(metrology: MetrologyView, isOn: boolean, now_ms: number): boolean {
		if (this.#model.phases === 1) return false;
		if (!this.#hasLooked) this.#imported_ms.fill(now_ms);
		this.#hasLooked = true;
		const least_mW = this.#model.nominalVoltage_V * this.#model.referenceCurrent_mA * share;
		const isWholeImporting = metrology.power_mW(16) > 0;
		let importing = 0;
		let suspected = 0;
		for (let n = 0; n < phases; n++) {
			const power_mW = metrology.power_mW(36 + 20 * n);
			if (power_mW > least_mW) {
				importing |= 1 << n;
				this.#imported_ms[n] = now_ms;
			} else if (isWholeImporting && power_mW < -least_mW) {
				const generates = (this.#record.generating & (1 << n)) !== 0;
				if (!generates || now_ms - this.#imported_ms[n]! >= rest_ms) suspected |= 1 << n;
			}
		}
		const record = this.#record;
		record.suspected = isOn ? record.suspected | suspected : suspected;
		return (record.suspected & ~importing) !== 0;
	}

	/** The suspicion is told. */
	begins(): void {
		this.#openings = this.openings();
	}

	/** All phases import again. */
	ends(): void {
		const record = this.#record;
		if (this.#openings === this.openings()) record.generating |= record.suspected;
		record.suspected = 0;
	}

	/** Whoever sets up the detection begins anew. */
	forget(): void {
		this.#record.generating = 0;
	}

	private openings(): number {
		return this.#record.count(tamperGroup.meterCover) + this.#record.count(tamperGroup.terminalCover);
	}
}
