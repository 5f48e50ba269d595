// SPDX-License-Identifier: Apache-2.0
import { Scheduler, type Task, taskPriority } from "../../../src/core/scheduler.js";

class Ticker implements Task {
	readonly priority: number;
	readonly #period_ms: number;
	readonly #name: string;
	readonly #order: string[];
	deadline_ms: number;

	constructor(name: string, priority: number, period_ms: number, order: string[]) {
		this.#name = name;
		this.priority = priority;
		this.#period_ms = period_ms;
		this.#order = order;
		this.deadline_ms = period_ms;
	}

	run(now_ms: number): void {
		if (this.#order.length < 16) this.#order.push(`${this.#name}@${now_ms}`);
		this.deadline_ms = now_ms + this.#period_ms;
	}
}

/** Order of tasks on the engine, and what a turn costs in which nothing is due. */
export default function run(): void {
	const order: string[] = [];
	const scheduler = new Scheduler();
	scheduler.add(new Ticker("display", taskPriority.display, 100, order));
	scheduler.add(new Ticker("metrology", taskPriority.metrology, 100, order));
	for (let n = 0; n < 8; n++) scheduler.add(new Ticker("storage", taskPriority.storage, 1000, order));

	check("the next deadline is the earliest", scheduler.nextDeadline_ms() === 100);
	check("the scheduler returns the next deadline", scheduler.advance(100) === 200);
	check("tasks due together run by priority", order.join() === "metrology@100,display@100");
	for (let n = 0; n < 4; n++) {
		beginSpan("idle turn");
		scheduler.advance(150);
		endSpan("idle turn");
	}
	scheduler.advance(1000);
	check(
		"a late task runs once",
		order.filter((entry) => entry.startsWith("display")).join() === "display@100,display@1000",
	);
	reading("ten tasks");
}
