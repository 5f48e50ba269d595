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
 * Runs tasks in order of deadline, then priority, then registration. It holds no clock: the caller says how late it is.
 */
export class Scheduler {
	readonly #tasks: Task[] = [];

	add(task: Task): void {
		this.#tasks.push(task);
	}

	/** Earliest deadline of all tasks. */
	nextDeadline_ms(): number {
		let next = Infinity;
		for (let n = 0; n < this.#tasks.length; n++) {
			const deadline = this.#tasks[n]!.deadline_ms;
			if (deadline < next) next = deadline;
		}
		return next;
	}

	/**
	 * Runs everything that is due at or before `now_ms`.
	 *
	 * A late task gets the true time, not its deadline: after a stall, work is done once and late rather than in a burst.
	 * @returns the next deadline
	 */
	advance(now_ms: number): number {
		for (;;) {
			let due: Task | undefined;
			let next = Infinity;
			for (let n = 0; n < this.#tasks.length; n++) {
				const task = this.#tasks[n]!;
				const deadline = task.deadline_ms;
				if (deadline < next || (deadline === next && due !== undefined && task.priority < due.priority)) {
					next = deadline;
					due = task;
				}
			}
			if (due === undefined || next > now_ms) return next;
			due.run(now_ms);
		}
	}
}
