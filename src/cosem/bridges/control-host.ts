// SPDX-License-Identifier: Apache-2.0
import { actionOutcome, type LimitsHost } from "../../control/limits-parts.js";
import type { Application } from "../application.js";
import { parseLogicalName } from "../logical-name.js";
import { clientIndex } from "../model.js";
import { dataAccessResult } from "../result.js";
import { relayReconnectedBy } from "../scripts/relay-scripts.js";
import { scriptTrigger } from "../scripts/scripts.js";

const relayScripts = parseLogicalName("0-0:10.0.103.255");
const switchScripts = parseLogicalName("0-0:10.0.106.255");
const limiterNames = Object.freeze(["0-0:17.0.0.255", "0-0:17.0.1.255"].map((name) => parseLogicalName(name)));
const monitorNames = Object.freeze(
	["1-1:31.4.0.255", "1-1:51.4.0.255", "1-1:71.4.0.255"].map((name) => parseLogicalName(name)),
);

/** Lets limiters and monitors run the scripts of the object model. */
export class CosemControlHost implements LimitsHost {
	readonly #application: Application;

	constructor(application: Application) {
		this.#application = application;
	}

	get factoryClient(): number {
		return clientIndex.management;
	}

	execute(table: number, script: number, client: number, callsOnce: boolean): number {
		const caller = { client, trigger: scriptTrigger.local, callsOnce };
		const result = this.#application.scripts.execute(table, script, caller);
		if (result === dataAccessResult.success) return actionOutcome.done;
		return result === dataAccessResult.temporaryFailure ? actionOutcome.notNow : actionOutcome.refused;
	}

	get isWhole(): boolean {
		return this.#application.directory.isWhole;
	}

	hasLimiter(n: number): boolean {
		return this.#application.directory.find(limiterNames[n]!) !== undefined;
	}

	hasMonitor(n: number): boolean {
		return this.#application.directory.find(monitorNames[n]!) !== undefined;
	}

	reconnects(table: number, script: number): boolean {
		const { supplyControl, io } = this.#application;
		if (table === switchScripts) return supplyControl?.reconnectsByItself === true;
		const relay = table === relayScripts ? relayReconnectedBy(script) : -1;
		return relay < 0 || io?.relays.reconnectsByItself(relay) === true;
	}

	heldFor_s(): number {
		return this.#application.switching?.heldFor_s() ?? 0;
	}

	emergencyEnded(): void {
		this.#application.switching?.hold();
	}

	memoryFailed(): void {
		this.#application.events.memoryFailed();
	}
}
