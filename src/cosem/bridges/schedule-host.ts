// SPDX-License-Identifier: Apache-2.0
import { standardEvent } from "../../events/event-codes.js";
import { eventLog } from "../../events/event-sink.js";
import type { ScheduleDefinition } from "../../schedule/schedule-record.js";
import type { ScheduleHost } from "../../schedule/schedules.js";
import type { Application } from "../application.js";
import { parseLogicalName } from "../logical-name.js";
import { clientIndex } from "../model.js";
import { dataAccessResult } from "../result.js";
import { relayReconnectedBy } from "../scripts/relay-scripts.js";
import { scriptTrigger } from "../scripts/scripts.js";

const tariffScripts = parseLogicalName("0-0:10.0.100.255");
const relayScripts = parseLogicalName("0-0:10.0.103.255");
const switchScripts = parseLogicalName("0-0:10.0.106.255");
const reconnectSwitch = 2;

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

	holds(table: number, script: number): boolean {
		return isReconnection(table, script) && (this.#application.switching?.heldFor_s() ?? 0) > 0;
	}

	execute(table: number, script: number, client: number, nominal_s: number, isLate: boolean): void {
		// a client has given the later command
		if (isLate && isReconnection(table, script) && this.#application.switching?.isOverruled === true) return;
		const caller = { client, trigger: scriptTrigger.schedule, nominal_s, isLate };
		const result = this.#application.scripts.execute(table, script, caller);
		if (table !== tariffScripts || result === dataAccessResult.success) return;
		this.#application.events.event(eventLog.standard, standardEvent.tariffRefused);
	}

	turnedBack(now_s: number): void {
		this.#application.billing.turnedBack(now_s);
	}

	memoryFailed(): void {
		this.#application.events.memoryFailed();
	}
}

function isReconnection(table: number, script: number): boolean {
	if (table === relayScripts) return relayReconnectedBy(script) >= 0;
	return table === switchScripts && script === reconnectSwitch;
}
