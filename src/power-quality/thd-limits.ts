// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";
import { zeros } from "../core/numbers.js";
import { type EventSink, eventLog } from "../events/event-sink.js";
import type { BlockListener, HarmonicsView } from "../metrology/harmonics-view.js";
import { type PowerQualityParameters, parameter } from "./parameters.js";

const channels = 6;
/** Codes of the power quality log, those of a phase count from L1: over the limit, normal again; voltage, then current. */
const code = deepFreeze({ over: [230, 236] as readonly number[], normal: [233, 239] as readonly number[] });
/** THD is normal again below this share of its limit, for so long. */
const returnShare = 0.9;
const return_ms = 10_000;
/** First element of the values of all channels; a channel is its phase from 0, plus 3 for current. */
const field = Object.freeze({ count: 0, isOver: 6, from_ms: 12 });
const fieldsEnd = 18;
const steady = Number.POSITIVE_INFINITY;

/** Octets of `encode`. */
export const thdLimitsLength = 2 * channels + 1;

/**
 * THD over its limit for longer than its time (F121, F122): one event and one count for each time, and another event when it
 * is normal again. Blocks in which a channel is not valid say nothing about it.
 */
export class ThdLimits implements BlockListener {
	/** A count has changed since `encode`. */
	isDirty = false;
	readonly #parameters: PowerQualityParameters;
	readonly #events: EventSink | undefined;
	readonly #values = zeros(fieldsEnd);

	constructor(parameters: PowerQualityParameters, events: EventSink | undefined) {
		this.#parameters = parameters;
		this.#events = events;
		this.#values.fill(steady, field.from_ms);
	}

	/** @param channel phase from 0, plus 3 for current */
	count(channel: number): number {
		return this.#values[field.count + channel]!;
	}

	/** Forgets the counts. */
	clear(): void {
		this.#values.fill(0, field.count, field.isOver);
		this.isDirty = true;
	}

	isOver(channel: number): boolean {
		return this.#values[field.isOver + channel] !== 0;
	}

	blockFinished(harmonics: HarmonicsView, _begin_ms: number, now_ms: number): void {
		for (let phase = 0; phase < 3; phase++) {
			if (harmonics.isVoltageValid(phase + 1)) {
				this.judge(phase, 0, harmonics.voltageThd_permyriad(phase + 1), now_ms);
			} else this.#values[field.from_ms + phase] = steady;
			if (harmonics.isCurrentValid(phase + 1)) {
				this.judge(phase, 1, harmonics.currentThd_permyriad(phase + 1), now_ms);
			} else this.#values[field.from_ms + 3 + phase] = steady;
		}
	}

	/** @param kind 0 voltage, 1 current */
	private judge(phase: number, kind: number, thd_permyriad: number, now_ms: number): void {
		const values = this.#values;
		const channel = 3 * kind + phase;
		const wasOver = values[field.isOver + channel] !== 0;
		const limit = this.#parameters.value(parameter.thdLimit + kind);
		const isOver = thd_permyriad > (wasOver ? limit * returnShare : limit);
		if (isOver === wasOver) {
			values[field.from_ms + channel] = steady;
			return;
		}
		if (values[field.from_ms + channel] === steady) values[field.from_ms + channel] = now_ms;
		const needed_ms = isOver ? this.#parameters.value(parameter.thdTime + kind) * 1000 : return_ms;
		if (now_ms - values[field.from_ms + channel]! < needed_ms) return;
		values[field.from_ms + channel] = steady;
		values[field.isOver + channel] = isOver ? 1 : 0;
		this.isDirty = true;
		if (isOver && values[field.count + channel]! < 0xffff) values[field.count + channel]!++;
		this.#events?.event(eventLog.powerQuality, (isOver ? code.over : code.normal)[kind]! + phase);
	}

	/** Writes `thdLimitsLength` octets. */
	encode(view: DataView, at: number): void {
		let over = 0;
		for (let channel = 0; channel < channels; channel++) {
			view.setUint16(at + 2 * channel, this.count(channel));
			if (this.isOver(channel)) over |= 1 << channel;
		}
		view.setUint8(at + 2 * channels, over);
	}

	/** The reverse. */
	decode(view: DataView, at: number): void {
		const over = view.getUint8(at + 2 * channels);
		for (let channel = 0; channel < channels; channel++) {
			this.#values[field.count + channel] = view.getUint16(at + 2 * channel);
			this.#values[field.isOver + channel] = (over >> channel) & 1;
		}
	}
}
