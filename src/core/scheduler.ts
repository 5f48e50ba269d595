// SPDX-License-Identifier: Apache-2.0

/** Fixed order among tasks that are due in the same millisecond (design section 5). */
export const taskPriority = Object.freeze({
	metrology: 0,
	tariff: 1,
	profile: 2,
	schedule: 3,
	control: 4,
	storage: 5,
	communication: 6,
	display: 7,
});

/** Something with a deadline. The scheduler reads `deadline_ms`; only the task itself moves it. */
export interface Task {
	/** One of `taskPriority`. */
	readonly priority: number;
	/** Monotonic milliseconds; `Infinity` while there is nothing to do. Must have moved on when `run` returns. */
	readonly deadline_ms: number;
	run(now_ms: number): void;
}

/**
 * Runs tasks in order of deadline, then priority, then place. It holds no clock: the caller says how late it is.
 *
 * Who has the tasks reads their deadlines: a loop over objects of many kinds costs engines that remember where a kind keeps
 * its properties ten times what a line for each of them does.
 */
export abstract class TaskRunner {
	/** Deadlines by place. */
	protected abstract readonly deadlines_ms: Float64Array;
	/** Their priorities by place: many are due in the same second, and asking each for its own costs the board a tenth of it. */
	protected abstract readonly priorities: Uint8Array;

	/** Place of the task that is to be run next, as of the last look; -1 when none has a deadline. */
	private next = -1;

	/** Fills in `deadlines_ms`; `Infinity` where there is no task. */
	protected abstract look(): void;

	/** Task of a place; undefined where there is none. */
	protected abstract task(place: number): Task | undefined;

	/** Earliest deadline of all tasks. */
	nextDeadline_ms(): number {
		const place = this.first();
		return place < 0 ? Infinity : this.deadlines_ms[place]!;
	}

	/**
	 * Runs everything that is due at or before `now_ms`.
	 *
	 * A late task gets the true time, not its deadline: after a stall, work is done once and late rather than in a burst.
	 * @param isUntouched nobody but this runner has done anything to a task since the last call
	 * @returns the next deadline
	 */
	advance(now_ms: number, isUntouched = false): number {
		if (!isUntouched) this.next = this.first();
		for (;;) {
			const { next } = this;
			if (next < 0) return Infinity;
			const next_ms = this.deadlines_ms[next]!;
			if (next_ms > now_ms) return next_ms;
			this.task(next)!.run(now_ms);
			this.next = this.first();
		}
	}

	/** Place of the task to be run next, -1 when none has a deadline. */
	private first(): number {
		this.look();
		const { deadlines_ms, priorities } = this;
		const { length } = deadlines_ms;
		let first = -1;
		let next_ms = Infinity;
		for (let place = 0; place < length; place++) {
			const deadline_ms = deadlines_ms[place]!;
			if (deadline_ms > next_ms) continue;
			if (deadline_ms === next_ms && (first < 0 || priorities[place]! >= priorities[first]!)) continue;
			first = place;
			next_ms = deadline_ms;
		}
		return first;
	}
}

/** Runs tasks that are added to it, in the order in which they were where all else is equal. */
export class Scheduler extends TaskRunner {
	protected override deadlines_ms = new Float64Array(0);
	protected override priorities = new Uint8Array(0);
	readonly #tasks: Task[] = [];

	add(task: Task): void {
		this.#tasks.push(task);
		this.deadlines_ms = new Float64Array(this.#tasks.length);
		this.priorities = Uint8Array.from(this.#tasks, ({ priority }) => priority);
	}

	protected override look(): void {
		for (let place = 0; place < this.#tasks.length; place++) this.deadlines_ms[place] = this.#tasks[place]!.deadline_ms;
	}

	protected override task(place: number): Task {
		return this.#tasks[place]!;
	}
}
