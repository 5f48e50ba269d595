// SPDX-License-Identifier: Apache-2.0
import type { ClockListener, MeterClock } from "../clock/meter-clock.js";
import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { type EventSink, eventLog } from "../events/event-sink.js";
import type { FrontEnd } from "../metrology/front-end.js";
import type { IntervalListener } from "../metrology/metrology.js";
import { ThdMean } from "../metrology/sampling/thd-mean.js";
import type { MetrologyView } from "../metrology/view.js";
import type { VoltageListener, VoltageWatch } from "../metrology/voltage-watch.js";
import type { ModelDescriptor } from "../models/model.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { FastEvents } from "./fast-events.js";
import { type OutageListener, Outages, outageOf, outagesLength } from "./outages.js";
import { type PowerQualityParameters, parameter } from "./parameters.js";
import type { QualityLog } from "./quality-log.js";
import { RapidVoltageChanges } from "./rapid-change.js";
import { SlowVoltage, type SlowVoltageListener, slowVoltageLength } from "./slow-voltage.js";
import { Supervision } from "./supervision.js";
import { ThdLimits, thdLimitsLength } from "./thd-limits.js";
import { noUnbalance, unbalance_permil } from "./unbalance.js";
import { tenMinutesPerTwoHours, VoltageAggregation } from "./voltage-aggregation.js";
import { type VoltageEvent, type VoltageEventListener, VoltageEvents, voltageEventKind } from "./voltage-events.js";
import { WeekStatistics } from "./week-statistics.js";

/** Codes of the power quality log; those of a phase count from L1. */
const code = Object.freeze({ undervoltage: 76, overvoltage: 79, missing: 82, normal: 85, badQuality: 92 });
const codeOfKind: readonly number[] = Object.freeze([code.undervoltage, code.overvoltage, code.missing]);

export interface PowerQualityOptions {
	readonly model: ModelDescriptor;
	readonly frontEnd: FrontEnd;
	readonly parameters: PowerQualityParameters;
	readonly clock: MeterClock;
	/** For counters and statistics. */
	readonly journal: RecordStore;
	readonly events?: EventSink | undefined;
	/** Told of every finished dip, swell and interruption, and of long power failures. */
	readonly voltageEvents?: VoltageEventListener | undefined;
	readonly outages?: OutageListener | undefined;
	readonly log?: QualityLog | undefined;
}

const layoutVersion = 1;
const stateLength = 1 + outagesLength + slowVoltageLength + FastEvents.encodedLength;
/** Counters are stored at most so often; statistics of the week so often. */
const commitPeriod_ms = 60_000;
const weekCommitPeriod_ms = 3_600_000;
const tenMinutes_s = 600;
/** What comes late comes less late than this. */
const lateness_s = 3;

/**
 * Power quality after EN 50160 and IEC 61000-4-30 class S: dips, swells and interruptions, slow under- and over-voltage,
 * power failures, ten-minute values and their weekly statistics, unbalance, frequency.
 *
 * Driven by the voltages of the front end (`VoltageListener`) and by the values of each second (`IntervalListener`); as a
 * task it only follows what is open.
 */
export class PowerQuality
	implements
		Task,
		VoltageListener,
		IntervalListener,
		ClockListener,
		VoltageEventListener,
		SlowVoltageListener,
		OutageListener
{
	readonly priority = taskPriority.metrology;
	readonly parameters: PowerQualityParameters;
	readonly aggregation: VoltageAggregation;
	readonly slow: SlowVoltage;
	readonly outages: Outages;
	readonly rapidChanges: RapidVoltageChanges;
	readonly week: WeekStatistics;
	readonly fastEvents = new FastEvents();
	readonly supervision: Supervision;
	/** THD of the last ten minutes; listens to the blocks. */
	readonly thd = new ThdMean();
	/** Listens to the blocks as well. */
	readonly thdLimits: ThdLimits;
	/** u2 of the last second in permil; `noUnbalance` while a phase is missing, and on single-phase meters. */
	unbalance_permil = noUnbalance;
	/** Root mean square of the seconds of the last ten minutes. */
	tenMinuteUnbalance_permil = noUnbalance;
	/** One-cycle values are estimates. */
	readonly isIndicative: boolean;
	/** Records which the medium refused. */
	failedCommits = 0;

	readonly #options: PowerQualityOptions;
	readonly #phases: number;
	readonly #watch: VoltageWatch | undefined;
	readonly #voltageEvents: VoltageEvents;
	readonly #record = new Uint8Array(stateLength);
	readonly #view = new DataView(this.#record.buffer);
	/** A dip, swell or interruption was open in the running basic interval, in the running ten seconds. */
	#isBasicFlagged = false;
	#isSecondFlagged = false;
	/** Ten minutes of standard time since 2000 that are running; -1 before the first. */
	#interval = -1;
	#unbalanceSquares = 0;
	#unbalanceCount = 0;
	#now_ms = 0;
	#isDirty = false;
	#lastCommit_ms = -commitPeriod_ms;
	#nextWeekCommit_ms = weekCommitPeriod_ms;

	constructor(options: PowerQualityOptions) {
		const { model, frontEnd, parameters, clock } = options;
		const { phases } = model;
		this.#options = options;
		this.#phases = phases;
		this.parameters = parameters;
		this.aggregation = new VoltageAggregation(phases);
		this.slow = new SlowVoltage(phases, parameters, this);
		this.outages = new Outages(phases, this);
		this.rapidChanges = new RapidVoltageChanges(phases);
		this.week = new WeekStatistics(phases);
		this.thdLimits = new ThdLimits(parameters, options.events);
		this.supervision = new Supervision(model, parameters, options.events);
		this.#voltageEvents = new VoltageEvents(phases, parameters.reference_mV, this);
		this.#watch = frontEnd.createVoltageWatch?.(this);
		this.isIndicative = this.#watch?.isIndicative ?? true;
		this.aggregation.flagTenMinutes();
		clock.addListener(this);
		this.restore();
	}

	/** True while a dip, swell or interruption is going on. */
	get isEventOpen(): boolean {
		return this.#voltageEvents.isOpen;
	}

	// Task

	get deadline_ms(): number {
		return this.#watch?.nextDeadline_ms ?? Infinity;
	}

	run(now_ms: number): void {
		this.#watch?.advance(now_ms);
	}

	/** The event interrupt of the front end fell; `run` is then due at once. */
	interrupt(now_ms: number): void {
		this.#watch?.interrupt(now_ms);
	}

	// Voltages of the front end

	oneCycle(voltage_mV: ArrayLike<number>, now_ms: number, window_ms: number): boolean {
		const events = this.#voltageEvents;
		const { outages } = this;
		this.#now_ms = now_ms;
		events.setReference_mV(this.parameters.reference_mV);
		const isOpen = events.next(voltage_mV, now_ms, window_ms);
		const missing = events.interruptedPhases;
		if (missing !== 0 || outages.isOpen) {
			const { clock } = this.#options;
			const count = outages.count(outageOf.anyPhase);
			const threshold_s = this.parameters.value(parameter.longOutage);
			outages.next(missing, now_ms, clock.utc_s(), threshold_s, clock.isValid);
			if (outages.count(outageOf.anyPhase) !== count || missing !== 0) this.#isDirty = true;
		}
		if (events.isFlagging(now_ms)) this.flag();
		return isOpen;
	}

	extremes(voltage_mV: ArrayLike<number>): void {
		this.#voltageEvents.extremes(voltage_mV);
	}

	/** Not while anything is going on that lasts, nor over the end of ten minutes. */
	takesLate(): boolean {
		if (this.#voltageEvents.isOpen || this.outages.isOpen) return false;
		return this.standard_s() % tenMinutes_s < tenMinutes_s - lateness_s;
	}

	basicInterval(voltage_mV: ArrayLike<number>, now_ms: number): boolean {
		const { aggregation, parameters, rapidChanges } = this;
		const events = this.#voltageEvents;
		const reference_mV = parameters.reference_mV;
		this.#now_ms = now_ms;
		events.setReference_mV(reference_mV);
		const isBeyond = events.wouldOpen(voltage_mV);
		if (events.isOpen ? events.isFlagging(now_ms) : isBeyond) this.flag();
		this.endTenMinutes();
		aggregation.add(voltage_mV, this.#isBasicFlagged);
		rapidChanges.next(voltage_mV, reference_mV, this.#isBasicFlagged);
		this.#isBasicFlagged = false;
		return isBeyond || this.outages.isOpen;
	}

	private flag(): void {
		this.#isBasicFlagged = true;
		this.#isSecondFlagged = true;
	}

	voltageEventEnded(event: VoltageEvent): void {
		const { clock, voltageEvents, log } = this.#options;
		const { fastEvents } = this;
		fastEvents.add(event, this.parameters.reference_mV, clock.isValid);
		this.#isDirty = true;
		const start_s = clock.utc_s() - Math.round((this.#now_ms - event.start_ms) / 1000);
		log?.fastEvent(event.kind, start_s, fastEvents);
		voltageEvents?.voltageEventEnded(event);
	}

	longOutageEnded(place: number, end_s: number, duration_s: number): void {
		const { outages, log } = this.#options;
		if (place === outageOf.anyPhase) log?.longOutage(end_s, duration_s);
		outages?.longOutageEnded(place, end_s, duration_s);
	}

	offTimeEnded(start_s: number, duration_s: number): void {
		const { clock, outages, log } = this.#options;
		const { fastEvents } = this;
		fastEvents.addOffTime(this.#phases, duration_s, clock.isValid);
		this.#isDirty = true;
		log?.fastEvent(voltageEventKind.interruption, start_s, fastEvents);
		outages?.offTimeEnded(start_s, duration_s);
	}

	/** A client has cleared the log of dips or that of swells: its class counters begin anew. */
	classesCleared(isOfDips: boolean): void {
		this.fastEvents.clear(isOfDips);
		this.commitState();
	}

	/** Counters of slow and fast events and of THD begin anew; failures of the supply are counted for ever. */
	clearCounters(): void {
		this.slow.clear();
		this.fastEvents.clear(true);
		this.fastEvents.clear(false);
		this.thdLimits.clear();
		this.rapidChanges.count.fill(0);
		this.commitState();
	}

	/** The statistics of the week begin anew, as of now; nothing is told of what they were. */
	restartWeek(): void {
		this.week.clear(this.standard_s());
		this.commitWeek();
	}

	// Ten minutes by the clock

	/** Local standard time: daylight saving moves no interval and no week. */
	private standard_s(): number {
		const { clock } = this.#options;
		return clock.utc_s() - clock.parameters.timeZone_min * 60;
	}

	/** Values of the last ten minutes are to be read: at their end they are closed by whoever comes first. */
	closeDue(): void {
		this.endTenMinutes();
	}

	private endTenMinutes(): void {
		const { aggregation, week } = this;
		const interval = Math.floor(this.standard_s() / tenMinutes_s);
		const before = this.#interval;
		if (interval === before) return;
		this.#interval = interval;
		if (before < 0) return;
		if (interval !== before + 1 || !this.#options.clock.isValid) aggregation.flagTenMinutes();
		this.endUnbalance();
		this.thd.end();
		if (!aggregation.endTenMinutes(interval % tenMinutesPerTwoHours === 0)) return;
		const end_s = (before + 1) * tenMinutes_s;
		if (!week.isSameWeek(end_s - 1)) this.endWeek(end_s - 1);
		const { voltage_mV, isFlagged } = aggregation.tenMinutes;
		week.add(voltage_mV, this.tenMinuteUnbalance_permil, isFlagged, this.parameters.reference_mV, end_s);
		if (!isFlagged) {
			const limit_permyriad = this.parameters.value(parameter.thdLimit);
			for (let phase = 0; phase < this.#phases; phase++)
				week.addThd(phase, this.thd.last_permyriad[phase]!, limit_permyriad);
		}
		if (!week.isSameWeek(interval * tenMinutes_s)) this.endWeek(interval * tenMinutes_s);
	}

	private endUnbalance(): void {
		const count = this.#unbalanceCount;
		this.tenMinuteUnbalance_permil = count === 0 ? noUnbalance : Math.round(Math.sqrt(this.#unbalanceSquares / count));
		this.#unbalanceSquares = 0;
		this.#unbalanceCount = 0;
	}

	private endWeek(standard_s: number): void {
		const { week } = this;
		const limit_permil = this.parameters.value(parameter.weeklyLimit);
		for (let phase = 0; phase < this.#phases; phase++) {
			const isBad = week.voltageVerdict(phase, limit_permil) === 0 || week.thdVerdict(phase, limit_permil) === 0;
			if (isBad) this.event(code.badQuality + phase);
		}
		week.clear(standard_s);
		this.commitWeek();
	}

	clockChanged(old_s: number, new_s: number): void {
		this.aggregation.flagTenMinutes();
		this.outages.clockMoved(new_s - old_s);
	}

	localTimeChanged(): void {
		this.aggregation.flagTenMinutes();
	}

	// Values of a second

	intervalFinished(metrology: MetrologyView, now_ms: number): void {
		this.#now_ms = now_ms;
		for (let phase = 0; phase < this.#phases; phase++) {
			this.slow.next(phase, metrology.voltage_mV(phase + 1), now_ms);
		}
		if (this.#phases === 3) this.takeUnbalance(metrology);
		const isFlagged = this.#isSecondFlagged;
		this.#isSecondFlagged = this.#voltageEvents.isFlagging(now_ms);
		const { supervision } = this;
		supervision.next(metrology, this.unbalance_permil, isFlagged, now_ms);
		if (supervision.endTenSeconds(this.standard_s())) {
			const { frequency_mHz, isTenSecondsFlagged } = supervision;
			if (frequency_mHz > 0 && !isTenSecondsFlagged) {
				this.week.addFrequency(frequency_mHz, this.#options.model.nominalFrequency_Hz * 1000);
			}
		}
		if ((this.#isDirty || this.thdLimits.isDirty) && now_ms - this.#lastCommit_ms >= commitPeriod_ms)
			this.commitState();
		if (now_ms >= this.#nextWeekCommit_ms) this.commitWeek();
	}

	private takeUnbalance(metrology: MetrologyView): void {
		const value = unbalance_permil(
			metrology.lineVoltage_mV(1),
			metrology.lineVoltage_mV(2),
			metrology.lineVoltage_mV(3),
		);
		this.unbalance_permil = value;
		if (value === noUnbalance) return;
		this.#unbalanceSquares += value * value;
		this.#unbalanceCount++;
	}

	slowVoltageBegan(kind: number, phase: number): void {
		this.#isDirty = true;
		this.event(codeOfKind[kind]! + phase);
	}

	slowVoltageEnded(_kind: number, phase: number): void {
		this.#isDirty = true;
		this.event(code.normal + phase);
	}

	private event(eventCode: number): void {
		this.#options.events?.event(eventLog.powerQuality, eventCode);
	}

	// Durable copy

	/** Makes everything durable now: early warning of supply failure, or an orderly stop. */
	commit(): void {
		this.commitState();
		this.commitWeek();
	}

	private commitState(): void {
		const view = this.#view;
		view.setUint8(0, layoutVersion);
		let at = this.outages.encode(view, 1);
		at = this.slow.encode(view, at, this.#now_ms);
		this.fastEvents.encode(view, at);
		this.#lastCommit_ms = this.#now_ms;
		this.#isDirty = !this.write(recordKey.powerQualityState, this.#record);
		if (this.thdLimits.isDirty) this.commitThd();
	}

	private commitThd(): void {
		const record = new Uint8Array(1 + thdLimitsLength);
		record[0] = layoutVersion;
		this.thdLimits.encode(new DataView(record.buffer), 1);
		this.thdLimits.isDirty = !this.write(recordKey.thdLimits, record);
	}

	private commitWeek(): void {
		this.#nextWeekCommit_ms = this.#now_ms + weekCommitPeriod_ms;
		this.write(recordKey.powerQualityWeek, this.week.bytes);
	}

	private write(key: number, bytes: Uint8Array): boolean {
		try {
			this.#options.journal.write(key, bytes);
			return true;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.failedCommits++;
			return false;
		}
	}

	/** The supply comes back: all phases were gone since the meter was last alive. */
	private restore(): void {
		const { journal, clock } = this.#options;
		const { week, parameters } = this;
		week.restored(journal.read(recordKey.powerQualityWeek, week.bytes));
		const ofThd = new Uint8Array(1 + thdLimitsLength);
		if (journal.read(recordKey.thdLimits, ofThd) === ofThd.length && ofThd[0] === layoutVersion) {
			this.thdLimits.decode(new DataView(ofThd.buffer), 1);
		}
		const length = journal.read(recordKey.powerQualityState, this.#record);
		const isKnown = length === stateLength && this.#record[0] === layoutVersion;
		const lost_s = clock.lastAlive_s;
		if (lost_s === undefined) return;
		// nothing was counted yet, and the supply has gone all the same
		if (!isKnown) this.#record.fill(0);
		let at = this.outages.decode(this.#view, 1, lost_s, parameters.value(parameter.longOutage));
		if (!isKnown) return;
		at = this.slow.decode(this.#view, at, 0);
		this.fastEvents.decode(this.#view, at);
	}
}
