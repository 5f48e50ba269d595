// SPDX-License-Identifier: Apache-2.0
import { type EventSink, eventLog } from "../events/event-sink.js";
import type { MetrologyView } from "../metrology/view.js";
import type { ModelDescriptor } from "../models/model.js";
import { Debounce } from "./debounce.js";
import { type PowerQualityParameters, parameter } from "./parameters.js";
import { noUnbalance } from "./unbalance.js";

/** Power quality log; the reversed phase sequence and the overcurrent are reported in the standard log. */
const code = Object.freeze({
	sequenceReversed: 88,
	asymmetry: 90,
	frequencyOut: 242,
	frequencyBack: 243,
	overcurrent: 240,
	currentNormal: 241,
});

const sequenceTime_ms = 5000;
/** Beyond the maximum current by this much accuracy is not promised, and the converter may saturate. */
const overcurrent = 1.1;
const overcurrentRaise_ms = 5000;
const overcurrentClear_ms = 10_000;
const asymmetryRaise_ms = 60_000;
const asymmetryClear_ms = 10_000;
/** Asymmetry ends below this share of its threshold. */
const asymmetryReturn = 0.9;
/** Seconds of ten that need a frequency. */
const secondsNeeded = 9;
/** ± 1 % of the nominal frequency; back inside 0.9 %. */
const frequencyBand_permil = 10;
const frequencyReturn_permil = 9;
/** U2 behind U1: 120° turns right, 240° left; the limits lie in the middle to neighbouring orders. */
const rightFrom_decideg = 600;
const rightTo_decideg = 1800;
const leftTo_decideg = 3000;

/** What is judged once a second beside voltage: order of the phases, unbalance, frequency. */
export class Supervision {
	/** Mean of the last ten seconds; 0 without voltage. */
	frequency_mHz = 0;
	/** A dip, swell or interruption was in them. */
	isTenSecondsFlagged = false;
	readonly #phases: number;
	readonly #nominal_mHz: number;
	readonly #parameters: PowerQualityParameters;
	readonly #events: EventSink | undefined;
	readonly #sequence = new Debounce(sequenceTime_ms, sequenceTime_ms);
	readonly #asymmetry = new Debounce(asymmetryRaise_ms, asymmetryClear_ms);
	readonly #overcurrent = new Debounce(overcurrentRaise_ms, overcurrentClear_ms);
	readonly #maximum_mA: number;
	#sum_mHz = 0;
	#seconds = 0;
	/** Seconds with a voltage of which the frequency cannot be measured. */
	#unknown = 0;
	#isFlagged = false;
	/** Ten seconds since 2000 that are running; -1 before the first. */
	#interval = -1;
	#isFrequencyOut = false;

	constructor(model: ModelDescriptor, parameters: PowerQualityParameters, events: EventSink | undefined) {
		this.#phases = model.phases;
		this.#nominal_mHz = model.nominalFrequency_Hz * 1000;
		this.#maximum_mA = model.maximumCurrent_mA;
		this.#parameters = parameters;
		this.#events = events;
	}

	get isSequenceReversed(): boolean {
		return this.#sequence.isActive;
	}

	get isAsymmetric(): boolean {
		return this.#asymmetry.isActive;
	}

	/** Takes the values of a second. @param isFlagged a dip, swell or interruption was in it */
	next(metrology: MetrologyView, unbalance_permil: number, isFlagged: boolean, now_ms: number): void {
		const frequency = metrology.frequency_mHz();
		if (frequency > 0) {
			this.#sum_mHz += frequency;
			this.#seconds++;
		} else if (metrology.voltage_mV(1) > 0 || metrology.voltage_mV(2) > 0 || metrology.voltage_mV(3) > 0)
			this.#unknown++;
		if (isFlagged) this.#isFlagged = true;
		if (this.#phases === 3) this.judgePhases(metrology, unbalance_permil, now_ms);
		this.judgeCurrent(metrology, now_ms);
	}

	/** F24: registration goes on, perhaps of less than flows. */
	private judgeCurrent(metrology: MetrologyView, now_ms: number): void {
		const limit_mA = this.#maximum_mA * (this.#overcurrent.isActive ? 1 : overcurrent);
		let isOver = false;
		for (let phase = 1; phase <= this.#phases; phase++) if (metrology.current_mA(phase) > limit_mA) isOver = true;
		if (this.#overcurrent.next(isOver, now_ms))
			this.#events?.event(eventLog.standard, isOver ? code.overcurrent : code.currentNormal);
	}

	private judgePhases(metrology: MetrologyView, unbalance_permil: number, now_ms: number): void {
		// A missing phase says nothing, neither about the order nor about symmetry.
		if (unbalance_permil === noUnbalance) {
			this.#sequence.hold();
			this.#asymmetry.hold();
			return;
		}
		const angle = metrology.angle_decideg(1);
		const isRight = angle >= rightFrom_decideg && angle < rightTo_decideg;
		const isLeft = angle >= rightTo_decideg && angle <= leftTo_decideg;
		if (!isRight && !isLeft) this.#sequence.hold();
		else if (this.#sequence.next(isLeft, now_ms) && isLeft) {
			this.#events?.event(eventLog.standard, code.sequenceReversed);
		}
		const threshold = this.#parameters.value(parameter.asymmetry);
		const limit = this.#asymmetry.isActive ? threshold * asymmetryReturn : threshold;
		const isAsymmetric = unbalance_permil > limit;
		if (this.#asymmetry.next(isAsymmetric, now_ms) && isAsymmetric) {
			this.#events?.event(eventLog.powerQuality, code.asymmetry);
		}
	}

	/**
	 * Ends the interval of ten seconds when `standard_s` is in another one.
	 * @returns true when `frequency_mHz` is new
	 */
	endTenSeconds(standard_s: number): boolean {
		const interval = Math.floor(standard_s / 10);
		const before = this.#interval;
		if (interval === before) return false;
		this.#interval = interval;
		const isWhole = this.#seconds >= secondsNeeded;
		this.frequency_mHz = isWhole ? Math.round(this.#sum_mHz / this.#seconds) : 0;
		this.isTenSecondsFlagged = this.#isFlagged;
		this.#sum_mHz = 0;
		const isUnknown = this.#unknown >= secondsNeeded;
		this.#seconds = 0;
		this.#unknown = 0;
		this.#isFlagged = false;
		if (before < 0) return false;
		if ((isWhole || isUnknown) && !this.isTenSecondsFlagged) this.judgeFrequency();
		return true;
	}

	/** What cannot be measured counts as far away. */
	private judgeFrequency(): void {
		const deviation = Math.abs(this.frequency_mHz - this.#nominal_mHz) * 1000;
		const limit = this.#isFrequencyOut ? frequencyReturn_permil : frequencyBand_permil;
		const isOut = deviation > this.#nominal_mHz * limit;
		if (isOut === this.#isFrequencyOut) return;
		this.#isFrequencyOut = isOut;
		this.#events?.event(eventLog.powerQuality, isOut ? code.frequencyOut : code.frequencyBack);
	}
}
