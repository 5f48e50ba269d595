// SPDX-License-Identifier: Apache-2.0
import type { MeterClock } from "../clock/meter-clock.js";
import type { MetrologyView } from "../metrology/view.js";
import type { ModelDescriptor } from "../models/model.js";
import type { ObjectDirectory } from "./object-directory.js";
import type { SecurityState } from "./security/security-state.js";

/** Who the meter is; fixed at manufacture. */
export interface Identity {
	/** 16 ASCII octets. */
	readonly logicalDeviceName: Uint8Array;
	/** 8 octets. */
	readonly systemTitle: Uint8Array;
	/** 8 ASCII digits. */
	readonly serialNumber: Uint8Array;
}

/** The meter as the object model sees it. */
export interface Application {
	readonly model: ModelDescriptor;
	readonly identity: Identity;
	readonly directory: ObjectDirectory;
	readonly security: SecurityState;
	readonly metrology: MetrologyView;
	readonly clock: MeterClock;
	/** Monotonic time of the request in progress. */
	now_ms(): number;
	/** To be called by a class after a client's write of a `config` attribute has been stored. */
	parameterChanged(): void;
	/** To be called when a value of an energy register is put into a response: it must never be undercut after a restart. */
	energyGiven(): void;
	/** Called by the server before a response leaves: makes durable what `energyGiven` announced. */
	beforeResponse(): void;
}
