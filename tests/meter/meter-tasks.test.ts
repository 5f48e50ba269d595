// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { startSimulator } from "../../hosts/simulator/start.js";
import type { Task } from "../../src/core/scheduler.js";
import { MeterTasks } from "../../src/meter/meter-tasks.js";
import { models } from "../../src/models/model.js";

/** Tells what the runner has, place by place. */
class Places extends MeterTasks {
	read(): { deadlines_ms: Float64Array; task(place: number): Task } {
		this.look();
		return { deadlines_ms: this.deadlines_ms, task: (place) => this.task(place)! };
	}
}

const never = { deadline_ms: 7e9, priority: 7, run: () => undefined };

describe("MeterTasks", () => {
	for (const { name } of models) {
		it(`${name}: reads the deadline of each task at the place of the task`, async () => {
			const meter = await startSimulator({ model: name, tcp: 0, optical: 0, speed: 0 });
			try {
				const parts = meter.simulated.meter.application as ConstructorParameters<typeof MeterTasks>[0];
				const places = new Places(parts, { ...never } as never, { ...never } as never, { ...never } as never);
				const { deadlines_ms, task } = places.read();
				const tasks = new Set<Task>();
				for (let place = 0; place < deadlines_ms.length; place++) {
					const of = task(place) as Task | undefined;
					if (of === undefined) assert.equal(deadlines_ms[place], Infinity, `nothing at ${place}`);
					else tasks.add(of);
				}
				let moved = 1e6;
				for (const of of tasks)
					if (Object.hasOwn(of, "deadline_ms")) (of as { deadline_ms: number }).deadline_ms = moved++;
				const again = places.read();
				for (let place = 0; place < again.deadlines_ms.length; place++) {
					const of = again.task(place) as Task | undefined;
					assert.equal(again.deadlines_ms[place], of?.deadline_ms ?? Infinity, `place ${place}`);
				}
				const everything = Object.values(parts).filter(
					(part): part is Task => "deadline_ms" in Object(part) && "run" in part,
				);
				for (const part of everything) assert.ok(tasks.has(part), `${part.constructor.name} is never run`);
			} finally {
				await meter.close();
			}
		});
	}
});
