// SPDX-License-Identifier: Apache-2.0

/** What a signal of the housing means while its bit is set. Bits 0 to 3 are those of object 0-0:96.2.4. */
export const housingSignal = Object.freeze({
	/** The link inside the meter that the factory closes: what only an unverified meter may do is allowed. */
	factoryLink: 1 << 0,
	terminalCoverOpen: 1 << 1,
	meterCoverOpen: 1 << 2,
	/** The switch below the verification seal: legally relevant parameters may be changed. */
	sealOpen: 1 << 3,
	/** A static magnetic field strong enough to disturb current transformers. */
	magneticField: 1 << 4,
	/** The button below the seal of the supplier is held. */
	serviceButton: 1 << 5,
	/** The button below the seal of the utility is held: the maxima of demand begin anew. */
	resetButton: 1 << 6,
});

/** Switches and detectors of the housing, as they are at this moment, not debounced. A call costs one look at the pins. */
export interface Housing {
	/** The host calls `Meter.housingChanged` whenever anything below changes: then nothing is looked at in between. */
	readonly tellsChanges?: boolean;
	/** Sum of `housingSignal`. */
	signals(): number;
	/** Strength of the electromagnetic field at the detector, 0..255, without unit. */
	fieldStrength(): number;
	/**
	 * What the backup supply has seen of the covers while the meter had none, told once; undefined when nothing was watched for
	 * because there was no outage. Left out by a board whose contacts are read only while it has supply.
	 */
	takeOutage?(): OutageWatch | undefined;
}

/** A cover that was opened or closed, debounced. */
export interface CoverEdge {
	/** `housingSignal.meterCoverOpen` or `terminalCoverOpen`. */
	readonly signal: number;
	readonly isOpen: boolean;
	/** Exact to a minute at least. */
	readonly utc_s: number;
}

export interface OutageWatch {
	/** In order; bounded by the memory of the part. */
	readonly edges: readonly CoverEdge[];
	/** From then on nothing was watched, because the backup supply was used up; 0 when that time is lost too. */
	readonly lostAt_s: number | undefined;
}

/** A housing without switches and detectors: sealed for ever. */
export const closedHousing: Housing = Object.freeze({
	signals: () => 0,
	fieldStrength: () => 0,
});
