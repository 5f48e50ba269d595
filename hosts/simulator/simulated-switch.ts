// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../../src/ports/clock.js";
import { coil, type SupplySwitch } from "../../src/ports/supply-switch.js";
import { Grid } from "./grid/grid.js";
import type { Phase } from "./grid/phase-setting.js";
import type { Recording } from "./grid/recording.js";
import { ConflictError } from "./panel/instrument.js";
import type { PoleSetting, SwitchState } from "./panel/request-schemas.js";

/** Shortest pulse that moves the armature, and what the coils stand. */
const shortestPulse_ms = 50;
const longestPulse_ms = 200;

type Pole = SwitchState["poles"][number];

/**
 * The bistable relay of a simulated meter. Its contacts keep their position without supply; each pole can be welded (it does
 * not open), stuck (it does not close), draw an arc (it opens, and the current goes on), or be fed from its load side.
 */
export class SimulatedSwitch implements SupplySwitch {
	/** Pulses that moved the armature, of each coil. */
	readonly pulses = { close: 0, open: 0 };
	/** Pulses that were too short to do anything, or that would have burnt a coil. */
	badPulses = 0;
	readonly #terminals: Grid | Recording;
	readonly #clock: Clock;
	readonly #poles: Pole[];
	#coil: number = coil.none;
	#since_ms = 0;

	constructor(terminals: Grid | Recording, phases: number, clock: Clock) {
		this.#terminals = terminals;
		this.#clock = clock;
		this.#poles = Array.from({ length: phases }, () => ({ isClosed: true, fault: "none", isBackFed: false }));
	}

	state(): SwitchState {
		return { poles: this.#poles.map((pole) => ({ ...pole })) };
	}

	/** @throws ConflictError for a phase that the meter does not have */
	setPole(phase: Phase, setting: PoleSetting): void {
		const pole = this.#poles[phase - 1];
		if (pole === undefined) throw new ConflictError(`this meter has no pole in L${phase}`);
		this.#poles[phase - 1] = { ...pole, ...setting };
		this.#connect();
	}

	drive(which: number): void {
		if (which === this.#coil) return;
		this.#release();
		this.#coil = which;
		this.#since_ms = this.#clock.monotonic_ms();
	}

	closedPoles(): number {
		return this.#bits((pole) => pole.isClosed);
	}

	loadVoltages(): number {
		return this.#bits((pole) => pole.isClosed || pole.isBackFed || pole.fault === "arc");
	}

	/** The supply fails: a coil that is energised lets go. */
	powerDown(): void {
		this.drive(coil.none);
	}

	#release(): void {
		if (this.#coil === coil.none) return;
		const pulse_ms = this.#clock.monotonic_ms() - this.#since_ms;
		if (pulse_ms > longestPulse_ms) this.badPulses++;
		if (pulse_ms < shortestPulse_ms) {
			this.badPulses++;
			return;
		}
		const isClosing = this.#coil === coil.close;
		this.pulses[isClosing ? "close" : "open"]++;
		for (const [n, pole] of this.#poles.entries()) {
			if (pole.fault === (isClosing ? "stuck" : "welded")) continue;
			this.#poles[n] = { ...pole, isClosed: isClosing };
		}
		this.#connect();
	}

	/** What the mains see of the contacts. */
	#connect(): void {
		const grid = this.#terminals;
		if (!(grid instanceof Grid)) return;
		grid.change(() => {
			for (const [n, pole] of this.#poles.entries())
				grid.setContactClosed((n + 1) as Phase, pole.isClosed || pole.fault === "arc");
		});
	}

	#bits(isSet: (pole: Pole) => boolean): number {
		return this.#poles.reduce((bits, pole, n) => (isSet(pole) ? bits | (1 << n) : bits), 0);
	}
}
