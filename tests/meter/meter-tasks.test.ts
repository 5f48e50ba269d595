// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { startSimulator } from "../../hosts/simulator/start.js";
import { type Task, taskPriority } from "../../src/core/scheduler.js";
import { MeterTasks } from "../../src/meter/meter-tasks.js";
import { models } from "../../src/models/model.js";

/** Tells what the runner has, place by place. */
class Places extends MeterTasks {
	at(place: number): Task | undefined {
		return this.task(place);
	}

	/** Place that a look finds, -1 for none, and its deadline. */
	find(): { place: number; deadline_ms: number } {
		this.look();
		return { place: this.next, deadline_ms: this.next_ms };
	}
}

const count = 26;
const spare = (priority: number) => ({ deadline_ms: Infinity, priority, run: () => undefined }) as never;

describe("MeterTasks", () => {
	for (const { name } of models) {
		it(`${name}: finds each task at its place, where deadlines are equal the one of the highest priority`, async () => {
			const meter = await startSimulator({ model: name, tcp: 0, optical: 0, speed: 0 });
			try {
				const parts = meter.simulated.meter.application as ConstructorParameters<typeof MeterTasks>[0];
				const { storage, display } = taskPriority;
				const places = new Places(parts, spare(storage), spare(storage), spare(display));
				const tasks = Array.from({ length: count }, (_, place) => places.at(place));
				const present = tasks.filter((task) => task !== undefined);
				assert.equal(new Set(present).size, present.length, "each has one place");
				const deadlines = new Map<Task, number>(present.map((task) => [task, Infinity]));
				for (const task of present)
					Object.defineProperty(task, "deadline_ms", { get: () => deadlines.get(task), configurable: true });
				assert.deepEqual(places.find(), { place: -1, deadline_ms: Infinity });
				for (let place = 0; place < count; place++) {
					const task = tasks[place];
					if (task === undefined) continue;
					deadlines.set(task, 1000);
					assert.deepEqual(places.find(), { place, deadline_ms: 1000 });
					for (const other of present) if (other !== task) deadlines.set(other, 1001);
					assert.deepEqual(places.find(), { place, deadline_ms: 1000 });
					for (const other of present) deadlines.set(other, Infinity);
				}
				// from the last to the first: each is before those behind it when all are due
				let priority: number = taskPriority.display;
				for (let place = count - 1; place >= 0; place--) {
					const task = tasks[place];
					if (task === undefined) continue;
					deadlines.set(task, 2000);
					assert.deepEqual(places.find(), { place, deadline_ms: 2000 });
					assert.ok(task.priority <= priority, `${task.constructor.name} stands behind its priority`);
					priority = task.priority;
				}
				const everything = Object.values(parts).filter(
					(part): part is Task => "deadline_ms" in Object(part) && "run" in part,
				);
				for (const part of everything) assert.ok(tasks.includes(part), `${part.constructor.name} is never run`);
			} finally {
				await meter.close();
			}
		});
	}
});
