// SPDX-License-Identifier: Apache-2.0
import { actionOutcome, type LimitsHost } from "../control/limits.js";
import type { Application } from "./application.js";
import { parseLogicalName } from "./logical-name.js";
import { clientIndex } from "./model.js";
import { dataAccessResult } from "./result.js";
import { scriptTrigger } from "./scripts.js";

const switchScripts = parseLogicalName("0-0:10.0.106.255");

/** Lets limiters and monitors run the scripts of the object model. */
export class CosemControlHost implements LimitsHost {
	readonly #application: Application;

	constructor(application: Application) {
		this.#application = application;
	}

	get factoryClient(): number {
		return clientIndex.management;
	}

	execute(table: number, script: number, client: number): number {
		const result = this.#application.scripts.execute(table, script, { client, trigger: scriptTrigger.local });
		if (result === dataAccessResult.success) return actionOutcome.done;
		return result === dataAccessResult.temporaryFailure ? actionOutcome.notNow : actionOutcome.refused;
	}

	reconnects(table: number): boolean {
		return table !== switchScripts || this.#application.supplyControl?.reconnectsByItself === true;
	}

	memoryFailed(): void {
		this.#application.events.memoryFailed();
	}
}
