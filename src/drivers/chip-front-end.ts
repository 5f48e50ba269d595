// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import { createReading, type FrontEndFault, isPlausible } from "../metrology/front-end.js";
import { outputsAgainst, outputsWithoutSource } from "../metrology/led-source.js";
import type { RegisterTable } from "./register-table.js";

/** Register access of a chip: a failure does not throw, it stays set until the caller clears it. */
interface ChipBus {
	hasFailed: boolean;
}

/** Start of a chip, step by step until it is ready; never gives up. */
interface ChipStart {
	readonly isReady: boolean;
	/** "starting" while nothing is wrong. */
	readonly fault: FrontEndFault;
	readonly nextDeadline_ms: number;
	/** Resets given. */
	readonly count: number;
	begin(at_ms: number): void;
	advance(now_ms: number): void;
}

const silence_ms = 2000;
/** After this time without an answer the chip is started again although it may still be counting. */
const lost_ms = 30_000;
/** Impossible readings in a row that are a fault. */
const rejectionLimit = 3;

/** What measuring chips have in common: start, supervision, and counters of which differences are taken. */
export abstract class ChipFrontEnd<Bus extends ChipBus, Start extends ChipStart> {
	abstract readonly phases: 1 | 3;
	abstract readonly fullScaleRate: number;
	readonly reading = createReading();
	nextDeadline_ms = 0;
	fault: FrontEndFault = "starting";

	protected readonly bus: Bus;
	protected readonly table: RegisterTable;
	protected readonly start: Start;
	/** Last readings of the counters, and those of the last interval; the two change places. */
	protected energies: number[];
	protected previous: number[];
	protected hasPrevious = false;
	protected lastAnswer_ms = 0;
	protected lastInterval_ms = 0;
	/** What the test outputs give impulses of. */
	protected sources: readonly number[];
	/** Outputs that are off because energy flows the other way, bit n for output n. */
	protected outputsOff = 0;
	/** The first poll that has been put off because the chip reads as it did; Infinity when there is none. */
	protected putOff_ms = Infinity;
	private rejections = 0;

	constructor(bus: Bus, table: RegisterTable, start: Start, counters: number, sources: readonly number[]) {
		this.bus = bus;
		this.table = table;
		this.start = start;
		this.sources = sources;
		this.outputsOff = outputsWithoutSource(sources);
		this.energies = zeros(counters);
		this.previous = zeros(counters);
	}

	/** Starts of the chip, the first included, for diagnosis. */
	get starts(): number {
		return this.start.count;
	}

	advance(now_ms: number): boolean {
		if (now_ms < this.nextDeadline_ms) return false;
		const { start } = this;
		this.bus.hasFailed = false;
		if (start.isReady) return this.meter(now_ms);
		start.advance(now_ms);
		this.nextDeadline_ms = start.nextDeadline_ms;
		if (start.isReady) {
			this.hasPrevious = false;
			this.rejections = 0;
			this.lastAnswer_ms = now_ms;
			this.beginMetering(now_ms);
		} else if (start.fault !== "starting") this.fault = start.fault;
		return false;
	}

	/** The chip has been started. Sets `nextDeadline_ms` and `lastInterval_ms`. */
	protected abstract beginMetering(now_ms: number): void;

	/** A poll of the running chip. @returns true when an interval is finished */
	protected abstract meter(now_ms: number): boolean;

	protected restart(fault: FrontEndFault, now_ms: number): void {
		this.fault = fault;
		this.start.begin(now_ms);
		this.nextDeadline_ms = this.start.nextDeadline_ms;
	}

	/** To be called at the end of a poll: has the chip answered? */
	protected judgeAnswer(now_ms: number): void {
		if (!this.bus.hasFailed) {
			this.lastAnswer_ms = now_ms;
			return;
		}
		const silent_ms = now_ms - this.lastAnswer_ms;
		if (silent_ms >= lost_ms) this.restart("noAnswer", now_ms);
		else if (silent_ms >= silence_ms) this.fault = "noAnswer";
	}

	/** A poll that was put off: it counts as one that read what the last one did. @returns the time of the next one */
	protected abstract passPoll(at_ms: number): number;

	/** Polls that were put off and would have come before `before_ms`. */
	protected catchUp(before_ms: number): void {
		while (this.putOff_ms < before_ms) this.putOff_ms = this.passPoll(this.putOff_ms);
	}

	wake(before_ms: number): void {
		if (this.putOff_ms === Infinity) return;
		this.catchUp(before_ms);
		this.nextDeadline_ms = this.putOff_ms;
		this.putOff_ms = Infinity;
	}

	/** The last readings become those of the last interval. */
	protected keepEnergies(): void {
		const energies = this.energies;
		this.energies = this.previous;
		this.previous = energies;
	}

	/**
	 * Whether `reading` can be true; after several in a row that cannot the chip is started again.
	 * @param isStuck a counter stands at its end and does not move
	 */
	protected isCredible(isStuck: boolean, now_ms: number): boolean {
		if (isStuck || !isPlausible(this.reading, this.phases, this.fullScaleRate)) {
			if (++this.rejections >= rejectionLimit) this.restart("implausible", now_ms);
			return false;
		}
		return true;
	}

	/** The interval is good. */
	protected accept(): void {
		this.keepEnergies();
		this.rejections = 0;
		const off = outputsAgainst(this.sources, this.reading.energy_codes, this.outputsOff);
		if (off === this.outputsOff) return;
		this.outputsOff = off;
		this.outputsChanged();
	}

	get ledSources(): readonly number[] {
		return this.sources;
	}

	/** `outputsOff` has changed while the chip runs. */
	protected abstract outputsChanged(): void;
}
