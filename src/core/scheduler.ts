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
 * Who has the tasks looks at their deadlines: a loop over objects of many kinds costs engines that remember where a kind keeps
 * its properties ten times what a line for each of them does.
 */
export abstract class TaskRunner {
	/** Place of the task that is to be run next, as of the last look; -1 when none has a deadline. */
	protected next = -1;
	/** Its deadline; `Infinity` when there is none. */
	protected next_ms = Infinity;

	/** Sets `next` and `next_ms`. */
	protected abstract look(): void;

	/** Task of a place; undefined where there is none. */
	protected abstract task(place: number): Task | undefined;

	/** Earliest deadline of all tasks. */
	nextDeadline_ms(): number {
		this.look();
		return this.next_ms;
	}

	/**
	 * Runs everything that is due at or before `now_ms`.
	 *
	 * A late task gets the true time, not its deadline: after a stall, work is done once and late rather than in a burst.
	 * @param isUntouched nobody but this runner has done anything to a task since the last call
	 * @returns the next deadline
	 */
	advance(now_ms: number, isUntouched = false): number {
		if (!isUntouched) this.look();
		while (this.next >= 0 && this.next_ms <= now_ms) {
			this.task(this.next)!.run(now_ms);
			this.look();
		}
		return this.next_ms;
	}
}

/** Runs tasks that are added to it, in the order in which they were where all else is equal. */
export class Scheduler extends TaskRunner {
	readonly #tasks: Task[] = [];

	add(task: Task): void {
		this.#tasks.push(task);
	}

	protected override look(): void {
		const tasks = this.#tasks;
		let next = -1;
		let next_ms = Infinity;
		for (let place = 0; place < tasks.length; place++) {
			const { deadline_ms, priority } = tasks[place]!;
			if (deadline_ms > next_ms || deadline_ms === Infinity) continue;
			if (deadline_ms === next_ms && priority >= tasks[next]!.priority) continue;
			next = place;
			next_ms = deadline_ms;
		}
		this.next = next;
		this.next_ms = next_ms;
	}

	protected override task(place: number): Task {
		return this.#tasks[place]!;
	}
}
