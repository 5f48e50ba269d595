// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/device-error.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import type { ModelDescriptor } from "../models/model.js";
import { closedHousing, type Housing, housingSignal } from "../ports/housing.js";
import type { TestLeds } from "../ports/test-leds.js";
import type { RecordStore } from "../storage/record-store.js";
import type { IntervalEnergies } from "./demand/interval-energies.js";
import { EnergyRegisters } from "./energy-registers.js";
import { type FrontEnd, isPlausible } from "./front-end.js";
import { IntervalValues } from "./interval-values.js";
import { isLedConstantListed, writeLedConstants } from "./led-constant.js";
import { LedPulses } from "./led-pulses.js";
import { chipSources, driverOf, factoryLedSources, type LedMeans, ledDriver, writeLedSources } from "./led-source.js";
import { factorySettings, type MeasurementSettings, writeMeasurementSettings } from "./measurement-settings.js";
import { RateRegisters, ratedQuantities } from "./rate-registers.js";
import { RegisterJournal, type RestoreResult } from "./register-journal.js";
import { decodeFull, encodeFull, fullRecordLength } from "./register-records.js";
import { type Registration, registrationFor, type TransformerSetting } from "./registration.js";
import { SelfCheck } from "./self-check.js";
import type { MetrologyView } from "./view.js";

/** Told once per finished interval, after all values of it are in place. */
export interface IntervalListener {
	intervalFinished(metrology: MetrologyView, now_ms: number): void;
}

export interface MetrologyOptions {
	readonly model: ModelDescriptor;
	readonly frontEnd: FrontEnd;
	readonly store: RecordStore;
	/** Where sealed parameters are kept; without it none can be changed. */
	readonly sealed?: RecordStore;
	/** Sealed parameters; default those of the factory. */
	readonly settings?: MeasurementSettings | undefined;
	/** What the factory's link allows is allowed; default never. */
	readonly housing?: Housing;
	/** What lights the test LEDs beside the front end; default nothing. */
	readonly leds?: TestLeds | undefined;
	/** What they show; default that of the front end. The front end has been told the `chipSources` of them. */
	readonly ledSources?: readonly number[];
}

/** Silence of the front end after which values are no longer shown. */
const silence_ms = 2000;
const commitPeriod_ms = 60_000;
/** 1 unit = 0.1 Wh = 360 J. */
const unit_mJ = 360_000;
/** Digits of a test register per unit: 1 mWh. */
const testPerUnit = 100;

/**
 * The measurement core: takes the intervals of the front end, keeps the energy registers and their durable copy, and
 * shows the values of the last interval.
 *
 * Everything a reader sees changes in `run` and nowhere else, so what is read between two runs belongs together.
 */
export class Metrology implements MetrologyView, IntervalEnergies, Task {
	readonly priority = taskPriority.metrology;
	deadline_ms = 0;
	sequence = 0;
	isValid = false;
	/** Intervals refused because no sound chip can have delivered them. */
	implausibleIntervals = 0;
	/** Records which the medium refused. */
	failedCommits = 0;
	/** Whether the measuring system can be trusted. */
	readonly selfCheck: SelfCheck;

	readonly #frontEnd: FrontEnd;
	readonly #model: ModelDescriptor;
	readonly #sealed: RecordStore | undefined;
	readonly #housing: Housing;
	readonly #leds: TestLeds | undefined;
	#ledSources: readonly number[];
	/** While an LED is lit by the processor. */
	#ledPulses: LedPulses | undefined;
	#settings: MeasurementSettings;
	readonly #registers: EnergyRegisters;
	readonly #journal: RegisterJournal;
	readonly #rates: RateRegisters;
	/** Rates from the next interval on, if `#areRatesNew`. */
	readonly #nextRates = new Uint8Array(ratedQuantities.length);
	readonly #listeners: IntervalListener[] = [];
	readonly #values: IntervalValues;
	/** Code of the last interval to mW at the terminals. */
	#powerPerCode_mW = 0;

	#lastInterval_ms = 0;
	#nextCommit_ms = commitPeriod_ms;
	#hasUncommitted = false;
	#wasGiven = false;
	#areRatesNew = false;
	/** A change of rates is not durable yet. */
	#areRatesUnsaved = false;

	constructor(options: MetrologyOptions) {
		const { model, frontEnd } = options;
		this.#model = model;
		this.#sealed = options.sealed;
		this.#settings = options.settings ?? factorySettings(model);
		this.#housing = options.housing ?? closedHousing;
		this.#frontEnd = frontEnd;
		this.#leds = options.leds;
		this.#ledSources = options.ledSources ?? frontEnd.ledSources ?? factoryLedSources;
		this.#values = new IntervalValues(model);
		this.#registers = new EnergyRegisters(
			frontEnd.phases,
			this.#settings.registration.unitNumerator(frontEnd.unitNumerator),
			frontEnd.unitDenominator,
			this.#settings.summation,
			this.#settings.apparentMethod,
		);
		this.#journal = new RegisterJournal(this.#registers, options.store);
		this.#rates = new RateRegisters(this.#registers, options.store);
		this.selfCheck = new SelfCheck(model);
		this.lightLeds();
	}

	addListener(listener: IntervalListener): void {
		this.#listeners.push(listener);
	}

	/** Why there are no intervals, in the words of the front end; "" while it delivers. */
	get fault(): FrontEnd["fault"] {
		return this.#frontEnd.fault;
	}

	run(now_ms: number): void {
		if (this.#frontEnd.advance(now_ms)) this.take(now_ms);
		else if (this.isValid && now_ms - this.#lastInterval_ms >= silence_ms) this.silence();
		this.selfCheck.supervise(this.#frontEnd.fault, now_ms);
		if (now_ms >= this.#nextCommit_ms) {
			if (this.#hasUncommitted) this.commit();
			this.#nextCommit_ms = now_ms + commitPeriod_ms;
		}
		this.schedule();
	}

	/** The next thing of the front end, or one that it has put off and with which the next commit would have come. */
	private schedule(): void {
		const frontEnd = this.#frontEnd;
		const silent_ms = this.isValid ? this.#lastInterval_ms + silence_ms : Infinity;
		this.deadline_ms = Math.min(frontEnd.nextDeadline_ms, silent_ms);
		if (frontEnd.putOffFrom_ms === undefined) return;
		const putOff_ms = frontEnd.putOffFrom_ms(this.#nextCommit_ms);
		if (putOff_ms < this.deadline_ms) this.deadline_ms = putOff_ms;
	}

	/** The front end has rested, and its chip will not read as it did from `at_ms` on. */
	wake(at_ms: number): void {
		this.#frontEnd.wake?.(at_ms);
		this.schedule();
	}

	get ledConstants(): readonly number[] {
		return this.#frontEnd.ledConstants;
	}

	/**
	 * Sets the constant of a test output, a sealed parameter: for verification alone. The output follows from its next
	 * impulse on, registers do not notice.
	 * @param quantity one of `ledQuantity`
	 * @returns false when it is refused: not in the list, too fast, out of reach of the chip, or the medium refused; nothing
	 * has changed then
	 */
	setLedConstant(constant: number, quantity: number): boolean {
		const frontEnd = this.#frontEnd;
		const before = frontEnd.ledConstants[quantity];
		const sealed = this.#sealed;
		if (sealed === undefined || before === undefined || !isLedConstantListed(this.#model, constant)) return false;
		if (!frontEnd.setLedConstant(constant, quantity)) return false;
		try {
			writeLedConstants(sealed, this.#model, frontEnd.ledConstants);
		} catch (error) {
			frontEnd.setLedConstant(before, quantity);
			if (!(error instanceof DeviceError)) throw error;
			return false;
		}
		return true;
	}

	/** What the test LEDs give impulses of, `ledSource` of each. */
	get ledSources(): readonly number[] {
		return this.#ledSources;
	}

	/**
	 * Lets the test LEDs follow other quantities.
	 * @returns false, unchanged, for one that nothing on this board gives as the registers count it
	 * @throws DeviceError, unchanged, when the medium refuses
	 */
	setLedSources(sources: readonly number[]): boolean {
		const frontEnd = this.#frontEnd;
		const sealed = this.#sealed;
		if (sealed === undefined || frontEnd.selectLeds === undefined) return false;
		const means = this.ledMeans;
		for (let n = 0; n < sources.length; n++) if (driverOf(sources[n]!, means) === ledDriver.none) return false;
		writeLedSources(sealed, sources);
		this.#ledSources = sources;
		frontEnd.selectLeds(chipSources(sources, means));
		this.lightLeds();
		return true;
	}

	private get ledMeans(): LedMeans {
		return { isArithmetic: this.isArithmetic, isVectorial: this.isVectorial, leds: this.#leds };
	}

	/** LEDs that do not hang on the chip alone begin to show what they are to. */
	private lightLeds(): void {
		const leds = this.#leds;
		if (leds === undefined) return;
		const means = this.ledMeans;
		let isProcessors = false;
		for (let n = 0; n < this.#ledSources.length; n++) {
			const driver = driverOf(this.#ledSources[n]!, means);
			leds.setClock(n, driver === ledDriver.clock);
			if (driver === ledDriver.processor) isProcessors = true;
		}
		this.#ledPulses = isProcessors ? new LedPulses(leds, this.#frontEnd, this.#registers, means) : undefined;
	}

	get registration(): Registration {
		return this.#settings.registration;
	}

	/** Totals are sums of what each phase registered, not by the sign of the sum. */
	get isArithmetic(): boolean {
		return this.#settings.summation === "arithmetic";
	}

	/** Apparent energy is √(P² + Q²), not the sum of U·I. */
	get isVectorial(): boolean {
		return this.#settings.apparentMethod === "vectorial";
	}

	/**
	 * Whether these transformers may be set: possible ones, and while registers are not zero and the link of the factory is
	 * open only such that leave the scaler of the energies as it is.
	 */
	mayRegister(setting: TransformerSetting): boolean {
		const wanted = registrationFor(this.#model, setting);
		if (wanted === undefined || this.#sealed === undefined) return false;
		if (wanted.energyScaler === this.registration.energyScaler || this.#registers.isBlank) return true;
		return (this.#housing.signals() & housingSignal.factoryLink) !== 0;
	}

	/**
	 * Sets transformers and side of registration, a sealed parameter: for verification alone. Energies are not converted.
	 * @returns false, unchanged, as `mayRegister`
	 * @throws DeviceError, unchanged, when the medium refuses
	 */
	setRegistration(setting: TransformerSetting): boolean {
		const registration = this.mayRegister(setting) ? registrationFor(this.#model, setting) : undefined;
		if (registration === undefined) return false;
		const settings = { ...this.#settings, registration };
		writeMeasurementSettings(this.#sealed!, this.#model, settings);
		this.#settings = settings;
		const numerator = registration.unitNumerator(this.#frontEnd.unitNumerator);
		if (numerator !== this.#registers.numerator) this.#registers.changeUnit(numerator);
		this.commit();
		return true;
	}

	/** Begins or ends the test mode (1-0:C.58.0); measuring goes on as ever. */
	setTestMode(isOn: boolean): void {
		if (isOn) this.#registers.beginTest();
		else this.#registers.endTest();
	}

	get isTestMode(): boolean {
		return this.#registers.isTesting;
	}

	testEnergy_mWh(c: number): number {
		const { isPrimary, energyScaler, ratio } = this.registration;
		const units = this.#registers.testUnits(c);
		return Math.floor(isPrimary ? (units * testPerUnit * 10 ** energyScaler) / ratio : units * testPerUnit);
	}

	// Durable copy

	/** Reads the registers back; to be called once, before the first `run`. */
	restore(): RestoreResult {
		const result = this.#journal.restore();
		this.#rates.restore();
		return result;
	}

	/**
	 * Makes counts and remainders durable now (early warning of supply failure, end of a billing period).
	 * @returns false when the medium refused; the next period tries again
	 */
	commit(): boolean {
		try {
			this.#journal.commit();
			if (this.#areRatesUnsaved) this.#rates.save();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.failedCommits++;
			this.#hasUncommitted = true;
			return false;
		}
		this.#areRatesUnsaved = false;
		this.#hasUncommitted = false;
		this.#wasGiven = false;
		return true;
	}

	/** As `commit`, unless nothing has changed since the last one. */
	commitPending(): boolean {
		return !this.#hasUncommitted || this.commit();
	}

	/** A value of an energy register is being put into an answer. */
	energyGiven(): void {
		this.#wasGiven = true;
	}

	/**
	 * To be called before the answer leaves: from here on no restart shows less than the answer says.
	 * @returns false when the medium refused; the answer should then not leave
	 */
	commitGiven(): boolean {
		if (!this.#wasGiven) return true;
		if (this.#areRatesUnsaved) return this.commit();
		try {
			this.#journal.commitGiven(this.#rates);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.failedCommits++;
			return false;
		}
		this.#wasGiven = false;
		return true;
	}

	/**
	 * Says which rate each quantity is registered on, 1..8 in the order of `ratedQuantities`. The running interval belongs to
	 * the rates in force at its start: a change in the millisecond in which it began is one of its start.
	 */
	setRates(rates: Uint8Array, now_ms: number): void {
		this.#nextRates.set(rates);
		this.#areRatesNew = !this.#rates.isActive(rates);
		if (this.#areRatesNew && (this.sequence === 0 || now_ms <= this.#lastInterval_ms)) this.changeRates();
	}

	private changeRates(): void {
		this.#areRatesNew = false;
		this.#rates.change(this.#nextRates);
		this.#areRatesUnsaved = true;
		this.commit();
	}

	/** Octets of `encodeState`. */
	get stateLength(): number {
		return fullRecordLength(this.#registers);
	}

	/** Writes the registers with remainders as a record, version 1. @returns its length */
	encodeState(into: Uint8Array): number {
		return encodeFull(this.#registers, 0, into);
	}

	/** The reverse. @returns false and changes nothing when `bytes` is not a sound record of this kind of meter */
	restoreState(bytes: Uint8Array, length: number): boolean {
		const isRestored = decodeFull(bytes, length, this.#registers) >= 0;
		if (isRestored) this.#hasUncommitted = true;
		return isRestored;
	}

	// Exact values of the last interval

	codes(c: number): number {
		return this.#registers.codes(c);
	}

	get interval_ms(): number {
		return this.#frontEnd.reading.duration_ms;
	}

	get rms_ms(): number {
		return this.#frontEnd.reading.rms_ms;
	}

	get wattSecondsPerCode(): number {
		const { unitDenominator } = this.#frontEnd;
		return (unit_mJ * unitDenominator) / (1000 * this.#registers.numerator);
	}

	// Values

	energy_units(c: number): number {
		return this.#registers.units(c);
	}

	rate_units(c: number, rate: number): number {
		return this.#rates.units(c, rate);
	}

	power_mW(c: number): number {
		if (!this.isValid) return 0;
		const power = this.#registers.codes(c) * this.#powerPerCode_mW * this.registration.powerFactor;
		return power < 0 ? -Math.round(-power) : Math.round(power);
	}

	voltage_mV(phase: number): number {
		return this.#values.voltage_mV(phase);
	}

	lineVoltage_mV(pair: number): number {
		return this.#values.lineVoltage_mV(pair);
	}

	current_mA(phase: number): number {
		return this.#values.current_mA(phase);
	}

	neutralCurrent_mA(): number | undefined {
		return this.#values.neutralCurrent_mA;
	}

	frequency_mHz(): number {
		return this.#values.frequency_mHz;
	}

	powerFactor_permil(phase: number): number {
		return this.#values.powerFactor_permil(phase);
	}

	angle_decideg(x: number): number {
		return this.#values.angle_decideg(x);
	}

	temperature_degC(): number | undefined {
		const { temperature_degC } = this.#values;
		return Number.isNaN(temperature_degC) ? undefined : temperature_degC;
	}

	// Intervals

	private take(now_ms: number): void {
		const frontEnd = this.#frontEnd;
		const reading = frontEnd.reading;
		if (!isPlausible(reading, frontEnd.phases, frontEnd.fullScaleRate)) {
			this.implausibleIntervals++;
			this.selfCheck.intervalRefused(now_ms);
			return;
		}
		if (this.#registers.add(reading)) {
			this.#hasUncommitted = true;
			this.#journal.note();
		}
		this.#ledPulses?.intervalFinished(this.#ledSources, reading.duration_ms, now_ms);
		if (this.#areRatesNew) this.changeRates();
		this.#powerPerCode_mW =
			(unit_mJ * frontEnd.unitDenominator * 1000) / (frontEnd.unitNumerator * reading.duration_ms);
		this.#values.take(reading, this.#powerPerCode_mW);
		this.selfCheck.intervalFinished(reading, this.#powerPerCode_mW, now_ms);
		this.#lastInterval_ms = now_ms;
		this.isValid = true;
		this.sequence++;
		const listeners = this.#listeners;
		for (let n = 0; n < listeners.length; n++) listeners[n]!.intervalFinished(this, now_ms);
	}

	/** Nothing is shown that is not measured: values read 0, energies stand still. */
	private silence(): void {
		this.isValid = false;
		this.#values.clear();
	}
}
