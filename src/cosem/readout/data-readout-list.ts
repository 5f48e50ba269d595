// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import type { ReadoutSupplier } from "../../iec62056-21/data-readout.js";
import type { ProgrammingHost } from "../../iec62056-21/programming-session.js";
import type { Application } from "../application.js";
import type { Writer } from "../codec/writer.js";
import type { Call } from "../model.js";
import { formatDataSet } from "./data-sets.js";
import { liveValueOf } from "./live-list.js";
import { LocalProgramming } from "./local-programming.js";

/**
 * The data readout of mode C: the values of the general local port readout list (0-0:21.0.0), all of the moment at which the
 * readout begins, a data set a line. An energy that is read out is as binding as one told to a client: it is made durable
 * first, and where the medium refuses that, nothing is read out; nor at a port that is closed.
 */
export class DataReadoutList implements ReadoutSupplier {
	readonly #call: Call;
	#lines: string[] = [];

	constructor(application: Application) {
		// what can be on the list belongs to the meter; nothing of it looks at an association
		this.#call = { application, association: undefined as never };
	}

	begin(): number {
		const call = this.#call;
		const { application } = call;
		if (application.portProtection.isClosed("optical")) return 0;
		this.#lines = application.readoutList.columns(call).map((column) => formatDataSet(liveValueOf(column, call)!));
		try {
			application.beforeResponse();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#lines = [];
		}
		return this.#lines.length;
	}

	writeLine(w: Writer, index: number): void {
		const line = this.#lines[index]!;
		for (let n = 0; n < line.length; n++) w.u8(line.charCodeAt(n));
		if (index === this.#lines.length - 1) this.#lines = [];
	}

	openProgramming(): ProgrammingHost | undefined {
		return LocalProgramming.open(this.#call);
	}
}
