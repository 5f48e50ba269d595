// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { zeros } from "../core/numbers.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import type { MetrologyView } from "../metrology/view.js";
import type { ModelDescriptor } from "../models/model.js";
import { type Housing, housingSignal } from "../ports/housing.js";
import type { RecordStore } from "../storage/record-store.js";
import type { EventLogs } from "./event-logs.js";
import { eventLog } from "./event-sink.js";
import {
	fraudCause,
	hasCurrentWithoutVoltage,
	isNeutralOpen,
	isStarPointFloating,
	kinds,
	tamperGroup,
} from "./fraud-kinds.js";
import { debouncedKinds, FraudParameters } from "./fraud-parameters.js";
import { ReversedCurrent } from "./reversed-current.js";
import { TamperRecord } from "./tamper-record.js";

const { fraud } = eventLog;
const supervisionLost = 234;

/** Two looks half a second apart tell a cover from a bounce, and an event comes within a second. */
const period_ms = 500;
/** What is measured is new once a second. */
const measuredPeriod_ms = 1000;
/** Of one kind, one pair of events a minute. */
const quiet_ms = 60_000;
/** A field has gone when it is below this share of the level. */
const hysteresis = 0.75;
/** Voltage behind the open switch has to last for so long. */
const loadSide_ms = 5000;
/** Kinds by the contact of the housing that shows them. */
const contactKinds: readonly number[] = Object.freeze([housingSignal.meterCoverOpen, housingSignal.terminalCoverOpen]);

/** What the watch needs of the meter around it. */
export interface FraudHost {
	/** The supply switch is open, and there is voltage behind it; undefined while that cannot be told. */
	readonly isLoadSideFed: boolean | undefined;
	/** A fraud has begun: billing profile 2 and the switch may have something to do. @param cause one of `fraudCause` */
	fraudDetected(cause: number): void;
}

export interface FraudWatchParts {
	readonly model: ModelDescriptor;
	readonly housing: Housing;
	readonly metrology: MetrologyView;
	readonly clock: { utc_s(): number; readonly isValid: boolean; readonly lastAlive_s: number | undefined };
	readonly events: EventLogs;
	readonly journal: RecordStore;
	readonly parameters: RecordStore;
	readonly host: FraudHost;
}

/**
 * Looks for fraud at the housing and in what is measured, twice a second, or once and whenever the housing tells. What lasts
 * longer than its debounce time is an event with a begin and an end, counted and timed; a sensor that chatters gives one pair
 * of events a minute. What is going on is kept over a power failure; what the backup supply has seen of the covers meanwhile
 * is told at the start, with its time.
 */
export class FraudWatch implements Task {
	readonly priority: number = taskPriority.control;
	deadline_ms = 0;
	readonly parameters: FraudParameters;
	readonly #parts: FraudWatchParts;
	readonly #record = new TamperRecord();
	readonly #reversed: ReversedCurrent;
	/** Since when each kind is other than it was reported, Infinity where it is not; then when it may begin again. */
	readonly #times_ms = zeros(2 * kinds.length);
	/** Causes that began while there was no supply: bit n. */
	#owed = 0;

	constructor(parts: FraudWatchParts) {
		this.#parts = parts;
		this.parameters = new FraudParameters(parts.parameters);
		this.#reversed = new ReversedCurrent(parts.model, this.#record);
		for (let n = 0; n < kinds.length; n++) this.#times_ms[n] = Infinity;
		try {
			this.#record.load(parts.journal);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		this.lookBack();
	}

	/** Occurrences of a `tamperGroup`, up to 65535. */
	count(n: number): number {
		return this.#record.count(n);
	}

	/** When it was detected last, seconds UTC; 0 = never. */
	stamp_s(n: number): number {
		return this.#record.stamp_s(n);
	}

	/** How long it lasts, or has lasted when it was there last, seconds. */
	duration_s(n: number): number {
		return this.#record.duration_s(n, this.#parts.clock.utc_s());
	}

	/** All of it together, seconds. */
	total_s(n: number): number {
		return this.#record.total_s(n, this.#parts.clock.utc_s());
	}

	/** Counters and durations begin anew; what goes on goes on. @throws DeviceError, unchanged */
	clearCounts(): void {
		const { journal, clock } = this.#parts;
		this.#record.clearCounts(clock.utc_s(), journal);
	}

	/** A kind of this cause is going on. */
	isActive(cause: number): boolean {
		for (let n = 0; n < kinds.length; n++) if (kinds[n]!.cause === cause) return this.#record.isOn(n);
		return false;
	}

	/** Fraud goes on, or has not been cleared since: the display says so (F124, F133). */
	get isShown(): boolean {
		return this.#record.isShown;
	}

	/** Somebody has failed to prove who he is, and nobody has since. */
	get isAuthorisationFailing(): boolean {
		return this.#record.isFailing;
	}

	/** Management has cleared the alarm of fraud: what is over is not shown any more. */
	acknowledged(): void {
		let isOver = !this.#record.isFailing;
		for (let n = 0; n < kinds.length; n++) if (this.#record.isOn(n)) isOver = false;
		if (!isOver || !this.#record.isShown) return;
		this.#record.isShown = false;
		this.save();
	}

	/** A fraud that another part has found and logged: what follows from it is the same. @param cause one of `fraudCause` */
	reported(cause: number): void {
		if (!this.#record.isShown) {
			this.#record.isShown = true;
			this.save();
		}
		this.#parts.host.fraudDetected(cause);
	}

	/** Wrong authorisation has been reported (F126); it lasts until somebody proves who he is. @param cause one of `fraudCause` */
	authorisationFailed(cause: number): void {
		const now_s = this.#parts.clock.utc_s();
		// a replay is over when it has been refused
		if (cause === fraudCause.replay) this.#record.noteOnce(tamperGroup.communication, now_s);
		else this.#record.noteFailing(true, now_s);
		this.save();
		this.reported(cause);
	}

	/** A client has proved who it is. */
	authorised(): void {
		if (!this.#record.isFailing) return;
		this.#record.noteFailing(false, this.#parts.clock.utc_s());
		this.save();
	}

	run(now_ms: number): void {
		for (let cause = 0; this.#owed !== 0; cause++) {
			const bit = 1 << cause;
			if ((this.#owed & bit) !== 0) this.reported(cause);
			this.#owed &= ~bit;
		}
		if (this.#record.isUnsaved) this.save();
		let isWaiting = this.#parts.housing.tellsChanges !== true;
		for (let n = 0; n < kinds.length; n++) if (this.watch(n, now_ms)) isWaiting = true;
		this.deadline_ms = now_ms + (isWaiting ? period_ms : measuredPeriod_ms - (now_ms % measuredPeriod_ms));
	}

	/** At the housing something has changed. */
	housingChanged(now_ms: number): void {
		this.deadline_ms = now_ms;
	}

	/** @returns true while a kind is other than it was reported, and waits for its debounce time */
	private watch(n: number, now_ms: number): boolean {
		const isThere = this.isThere(n, now_ms);
		const times_ms = this.#times_ms;
		if (isThere === undefined || isThere === this.#record.isOn(n)) {
			times_ms[n] = Infinity;
			return false;
		}
		if (times_ms[n] === Infinity) times_ms[n] = now_ms;
		const debounce_ms = n < debouncedKinds ? this.parameters.debounce_ms(n) : loadSide_ms;
		if (now_ms - times_ms[n]! < debounce_ms) return true;
		if (isThere && now_ms < times_ms[kinds.length + n]!) return true;
		times_ms[n] = Infinity;
		const { cause, begins, ends, log } = kinds[n]!;
		if (isThere) times_ms[kinds.length + n] = now_ms + quiet_ms;
		if (cause === fraudCause.currentReversal) {
			if (isThere) this.#reversed.begins();
			else this.#reversed.ends();
		}
		this.#record.note(n, isThere, this.#parts.clock.utc_s());
		this.save();
		if (isThere) this.#parts.events.event(log, begins);
		else if (ends !== 0) this.#parts.events.event(fraud, ends);
		if (isThere) this.reported(cause);
		return false;
	}

	/** The detection has been set up anew: what it has learned of generators is forgotten (docs/decisions/0027). */
	setUp(): void {
		this.#reversed.forget();
		this.save();
	}

	/** Undefined while it cannot be told. */
	private isThere(n: number, now_ms: number): boolean | undefined {
		const { housing, metrology, model, host } = this.#parts;
		switch (kinds[n]!.cause) {
			case fraudCause.meterCover:
				return (housing.signals() & housingSignal.meterCoverOpen) !== 0;
			case fraudCause.terminalCover:
				return (housing.signals() & housingSignal.terminalCoverOpen) !== 0;
			case fraudCause.magneticField:
				return (housing.signals() & housingSignal.magneticField) !== 0;
			case fraudCause.electromagneticField: {
				const { fieldLevel } = this.parameters;
				return housing.fieldStrength() >= (this.#record.isOn(n) ? fieldLevel * hysteresis : fieldLevel);
			}
			case fraudCause.disconnector:
				return host.isLoadSideFed;
		}
		if (!metrology.isValid || metrology.sequence === 0) return undefined;
		switch (kinds[n]!.cause) {
			case fraudCause.neutralInterruption:
				return model.phases === 3 ? isStarPointFloating(metrology, model) : isNeutralOpen(metrology, model);
			case fraudCause.currentWithoutVoltage:
				return hasCurrentWithoutVoltage(metrology, model);
			default:
				return this.#reversed.look(metrology, this.#record.isOn(n), now_ms);
		}
	}

	/** A start: what the backup supply has seen of the covers, and from when on it saw nothing (F132). */
	private lookBack(): void {
		const { housing, events, clock } = this.#parts;
		const outage = housing.takeOutage?.();
		if (outage === undefined) return;
		const { edges, lostAt_s } = outage;
		for (let n = 0; n < contactKinds.length; n++) {
			const ofContact = edges.filter(({ signal }) => signal === contactKinds[n]);
			let begin_s = -Infinity;
			for (let place = 0; place < ofContact.length; place++) {
				const { isOpen, utc_s } = ofContact[place]!;
				if (isOpen === this.#record.isOn(n)) continue;
				if (!isOpen && (ofContact[place + 1]?.utc_s ?? Infinity) - begin_s < quiet_ms / 1000) {
					place++; // opened again within the minute: one pair is enough
					continue;
				}
				if (isOpen) {
					begin_s = utc_s;
					this.#owed |= 1 << kinds[n]!.cause;
				}
				this.#record.note(n, isOpen, utc_s);
				events.eventAt(fraud, isOpen ? kinds[n]!.begins : kinds[n]!.ends, utc_s);
			}
		}
		this.save();
		if (lostAt_s === undefined) return;
		// from … to: where the backup cannot tell any more since when, since the supply went
		events.eventAt(fraud, supervisionLost, lostAt_s || (clock.lastAlive_s ?? clock.utc_s()));
		events.event(fraud, supervisionLost);
	}

	private save(): void {
		try {
			this.#record.save(this.#parts.journal);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.events.memoryFailed();
		}
	}
}
