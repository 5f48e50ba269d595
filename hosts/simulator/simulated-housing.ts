// SPDX-License-Identifier: Apache-2.0
import type { RealTimeClock } from "../../src/ports/clock.js";
import { type CoverEdge, type Housing, housingSignal, type OutageWatch } from "../../src/ports/housing.js";
import type { HousingSetting, HousingState } from "./panel/request-schemas.js";

const signalOf = Object.freeze({
	sealOpen: housingSignal.sealOpen,
	meterCoverOpen: housingSignal.meterCoverOpen,
	terminalCoverOpen: housingSignal.terminalCoverOpen,
	magneticField: housingSignal.magneticField,
	serviceButton: housingSignal.serviceButton,
	resetButton: housingSignal.resetButton,
	factoryLink: housingSignal.factoryLink,
});

const covers = ["meterCoverOpen", "terminalCoverOpen"] as const;
/** Edges that the part behind the backup supply can keep. */
const longestWatch = 16;

/** The box of the simulated meter: what hands and magnets do to it stays until they do something else. */
export class SimulatedHousing implements Housing {
	readonly tellsChanges = true;
	/** Called after each change. */
	onChange: () => void = () => undefined;
	#state: HousingState = {
		sealOpen: false,
		meterCoverOpen: false,
		terminalCoverOpen: false,
		magneticField: false,
		serviceButton: false,
		resetButton: false,
		factoryLink: false,
		fieldStrength: 0,
	};
	/** Of `#state`: the meter looks several times a second. */
	#signals = 0;
	/** Time of what the backup supply sees of the covers while the meter has no other; undefined while it has. */
	#watch: RealTimeClock | undefined;
	#edges: CoverEdge[] = [];
	#lostAt_s: number | undefined;
	#hasOutage = false;

	state(): HousingState {
		return { ...this.#state };
	}

	set(setting: HousingSetting): void {
		for (const cover of covers) {
			const isOpen = setting[cover];
			const utc_s = this.#watch?.utc_s();
			if (isOpen === undefined || isOpen === this.#state[cover] || utc_s === undefined) continue;
			if (this.#edges.length < longestWatch) this.#edges.push({ signal: signalOf[cover], isOpen, utc_s });
		}
		this.#state = { ...this.#state, ...setting };
		this.#signals = 0;
		for (const [name, bit] of Object.entries(signalOf)) {
			if (this.#state[name as keyof typeof signalOf]) this.#signals |= bit;
		}
		this.onChange();
	}

	/** The supply of the meter is cut. @param rtc gives the edges their time */
	powerDown(rtc: RealTimeClock): void {
		this.#watch = rtc;
		this.#hasOutage = true;
	}

	/** The backup supply is used up. */
	watchEnds(): void {
		this.#lostAt_s = this.#watch?.utc_s() ?? 0;
		this.#watch = undefined;
	}

	takeOutage(): OutageWatch | undefined {
		const seen = this.#hasOutage ? { edges: this.#edges, lostAt_s: this.#lostAt_s } : undefined;
		this.#watch = undefined;
		this.#edges = [];
		this.#lostAt_s = undefined;
		this.#hasOutage = false;
		return seen;
	}

	signals(): number {
		return this.#signals;
	}

	fieldStrength(): number {
		return this.#state.fieldStrength;
	}
}
