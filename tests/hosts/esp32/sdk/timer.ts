// SPDX-License-Identifier: Apache-2.0
import Time from "./time.js";

/** Timers of the SDK; `run` lets time pass and calls what is due. */
export default class FakeTimer {
	static readonly running = new Set<FakeTimer>();
	readonly #callback: () => void;
	#due_ms: number;
	#repeat_ms: number;

	private constructor(callback: () => void, delay_ms: number, repeat_ms: number) {
		this.#callback = callback;
		this.#due_ms = Time.ticks + delay_ms;
		this.#repeat_ms = repeat_ms;
	}

	static set(callback: () => void, delay_ms: number, repeat_ms = Infinity): FakeTimer {
		const timer = new FakeTimer(callback, delay_ms, repeat_ms);
		FakeTimer.running.add(timer);
		return timer;
	}

	static schedule(timer: FakeTimer, delay_ms: number, repeat_ms: number): void {
		timer.#due_ms = Time.ticks + delay_ms;
		timer.#repeat_ms = repeat_ms;
	}

	static clear(timer: FakeTimer): void {
		FakeTimer.running.delete(timer);
	}

	/** @param pass called with the milliseconds that pass before a timer is due */
	static run(duration_ms: number, pass: (ms: number) => void = () => {}): void {
		const end_ms = Time.ticks + duration_ms;
		for (;;) {
			const next = [...FakeTimer.running].sort((a, b) => a.#due_ms - b.#due_ms)[0];
			const due_ms = next === undefined ? end_ms : Math.min(next.#due_ms, end_ms);
			const step_ms = Math.max(0, due_ms - Time.ticks);
			Time.ticks += step_ms;
			pass(step_ms);
			if (next === undefined || next.#due_ms > end_ms) return;
			next.#due_ms = Time.ticks + next.#repeat_ms;
			next.#callback();
		}
	}
}
