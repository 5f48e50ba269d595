// SPDX-License-Identifier: Apache-2.0
import type { ScheduleDefinition } from "../schedule/schedule-record.js";
import type { ScheduleHost } from "../schedule/schedules.js";
import type { Application } from "./application.js";
import { clientIndex } from "./model.js";
import { scriptTrigger } from "./scripts.js";

/** Lets single action schedules run the scripts of the object model. */
export class CosemScheduleHost implements ScheduleHost {
	readonly #application: Application;

	constructor(application: Application) {
		this.#application = application;
	}

	get factoryClient(): number {
		return clientIndex.management;
	}

	has(definition: ScheduleDefinition): boolean {
		return this.#application.directory.find(definition.logicalName) !== undefined;
	}

	execute(table: number, script: number, client: number, nominal_s: number, isLate: boolean): void {
		const caller = { client, trigger: scriptTrigger.schedule, nominal_s, isLate };
		this.#application.scripts.execute(table, script, caller);
	}

	memoryFailed(): void {
		this.#application.events.memoryFailed();
	}
}
