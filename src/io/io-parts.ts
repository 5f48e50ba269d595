// SPDX-License-Identifier: Apache-2.0
import type { EventSink } from "../events/event-sink.js";
import type { ModelDescriptor } from "../models/model.js";
import type { Clock } from "../ports/clock.js";
import type { Housing } from "../ports/housing.js";
import type { RecordStore } from "../storage/record-store.js";
import type { IoLines } from "./io-lines.js";
import type { IoSettings } from "./io-settings.js";

/** What inputs and outputs need of the meter around them. */
export interface IoHost {
	/** Rate of the energy registers in force, 1..8. */
	readonly energyRate: number;
	/** A bit is set in an alarm register and in its filter. */
	readonly isAlarmed: boolean;
	/** A limit is exceeded, and nothing has come of it yet. */
	readonly isLimitExceeded: boolean;
	/** The supply switch is closed; undefined on a meter without one. */
	readonly isSupplyOn: boolean | undefined;
	/** When the last demand period ended, UTC. */
	readonly periodEnd_s: number;
	/** Greatest power that the meter registers, W, and the scaler of its energy registers. */
	readonly greatestPower_W: number;
	readonly energyScaler: number;
	/** Inputs say a rate, 1..8, or nothing, 0. */
	tariffInput(rate: number): void;
	/** Ends the demand period. */
	synchronised(): void;
	/** The contact of a door has opened (`fraudCause.inputContact`). */
	doorOpened(): void;
	/** An input asks for the supply to be taken away. @returns false when that is not possible now, but may be later */
	disconnect(): boolean;
}

export interface IoParts {
	readonly model: ModelDescriptor;
	readonly lines: IoLines;
	readonly settings: IoSettings;
	readonly clock: Clock;
	readonly journal: RecordStore;
	readonly parameters: RecordStore;
	readonly events: EventSink & { memoryFailed(): void };
	readonly housing: Housing;
	readonly host: IoHost;
}
