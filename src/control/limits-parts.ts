// SPDX-License-Identifier: Apache-2.0
import type { LocalClock } from "../core/local-periods.js";
import type { EventSink } from "../events/event-sink.js";
import type { SlidingAverages } from "../metrology/demand/sliding-averages.js";
import type { MetrologyView } from "../metrology/view.js";
import type { ModelDescriptor } from "../models/model.js";
import type { Clock } from "../ports/clock.js";
import type { RecordStore } from "../storage/record-store.js";

/** How a script ended. */
export const actionOutcome = Object.freeze({ done: 0, refused: 1, notNow: 2 });

/** Runs the scripts of limiters and monitors. */
export interface LimitsHost {
	/** A `clientIndex`: whose rights the factory's actions have. */
	readonly factoryClient: number;
	/** @param client whose rights the script has @param callsOnce does not come again after `notNow` @returns one of `actionOutcome` */
	execute(table: number, script: number, client: number, callsOnce: boolean): number;
	/** Function control has switched off nothing. */
	readonly isWhole: boolean;
	/** Limiter n is there: function control has not switched it off. */
	hasLimiter(n: number): boolean;
	/** The same of the supervision monitor of a phase, 0-based. */
	hasMonitor(n: number): boolean;
	/** Whether a reconnection by this script is one, and not only leave for the button. */
	reconnects(table: number, script: number): boolean;
	/** Seconds for which a reconnection by itself has to wait yet (SEC-mass); 0 = none. */
	heldFor_s(): number;
	/** An emergency profile is over. */
	emergencyEnded(): void;
	memoryFailed(): void;
}

export interface LimitsParts {
	readonly model: ModelDescriptor;
	readonly clock: LocalClock & { readonly isValid: boolean };
	readonly monotonic: Clock;
	readonly parameters: RecordStore;
	readonly journal: RecordStore;
	readonly events: EventSink;
	readonly sliding: SlidingAverages;
	readonly metrology: MetrologyView;
	readonly host: LimitsHost;
}

export const limiterEvent = Object.freeze({
	exceeded: 65,
	ok: 66,
	changed: 67,
	/** + 2 · monitor */
	monitorExceeded: 70,
	monitorOk: 71,
	emergencyStarted: 237,
	emergencyEnded: 238,
	lockedOut: 242,
});
