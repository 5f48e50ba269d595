// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import { profileCleared } from "../../events/event-codes.js";
import { eventLog } from "../../events/event-sink.js";
import type { CaptureColumn } from "../../profile/capture-column.js";
import type { ProfileDefinition } from "../../profile/profile-definition.js";
import type { ProfileHost } from "../../profile/profile-parts.js";
import { ProfileRow } from "../../profile/profile-row.js";
import type { Application } from "../application.js";
import { captureAttribute, captureObject } from "../classes/capture-objects.js";
import { clockTime } from "../classes/profile-generic.js";
import { encodeNull, encodeOctetString } from "../codec/axdr.js";
import { dataTag } from "../codec/data-tag.js";
import { encodeDateTime } from "../codec/date-time.js";
import { decodeNumber } from "../codec/number.js";
import { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import { Writer } from "../codec/writer.js";
import type { Call } from "../model.js";
import { profileDefinitions, profileIndex } from "../objects/profiles.js";
import { isSignature, longestSignature, type SigningPorts, signEntry } from "./entry-signature.js";

/** Longest plain value that may become a column. */
const longestColumn = 128;

/** What a captured attribute may not be: its size has no bound. */
const compositeTags: readonly number[] = Object.freeze([dataTag.array, dataTag.structure, dataTag.compactArray]);

/** The energy registers, as far as a capture is concerned. */
interface Registers {
	/** Makes them durable; false when the medium refuses. */
	commitPending(): boolean;
}

/** Lets a profile capture attributes of the object model, through the same encoders that answer a GET. */
export class CosemProfileHost implements ProfileHost {
	readonly #application: Application & SigningPorts;
	readonly #registers: Registers;
	/** Captured classes do not look at the association: a capture has none. */
	readonly #call: Call;
	readonly #scratch = new Writer(longestColumn);
	#row: Writer | undefined;
	/** Interval of which the registers were made durable last. */
	#committed = -1;

	constructor(application: Application & SigningPorts, registers: Registers) {
		this.#application = application;
		this.#registers = registers;
		this.#call = { application, association: undefined as never };
	}

	has(definition: ProfileDefinition): boolean {
		return this.#application.directory.find(definition.logicalName) !== undefined;
	}

	maximumColumnSize(column: CaptureColumn): number {
		const found = captureObject(column, this.#application.directory);
		const attribute = found && captureAttribute(found, column);
		if (found === undefined || attribute === undefined) return -1;
		if (isSignature(column)) return longestSignature(this.#application);
		const spec = found.spec as never;
		const declared = attribute.maximumSize?.(spec);
		if (declared !== undefined) return declared;
		this.#scratch.reset();
		attribute.encode(this.#scratch, this.#call, spec);
		return compositeTags.includes(this.#scratch.bytes[0]!) ? -1 : this.#scratch.position;
	}

	encodeColumn(column: CaptureColumn, into: Uint8Array, at: number, stamp_s: number, index: number): number {
		if (this.#row?.bytes !== into) this.#row = new Writer(into);
		const w = this.#row;
		w.position = at;
		const application = this.#application;
		if (column.logicalName === clockTime.logicalName && column.attributeIndex === clockTime.attributeIndex) {
			encodeDateTime(w, application.clock.stamp(stamp_s, application.time));
			return w.position;
		}
		const found = captureObject(column, application.directory);
		const attribute = found && captureAttribute(found, column);
		if (found === undefined || attribute === undefined) encodeNull(w);
		else if (isSignature(column)) {
			const columns = into.subarray(ProfileRow.headerSize, at);
			encodeOctetString(w, signEntry(application, profileDefinitions[index]!.logicalName, columns));
		} else attribute.encode(w, this.#call, found.spec as never);
		return w.position;
	}

	sortValue(row: ProfileRow, column: number): number {
		const r = new Reader(row.bytes, row.columnsAt, row.columnsAt + row.length);
		for (let n = 0; n < column; n++) skipValue(r);
		return decodeNumber(r) ?? Number.NaN;
	}

	/** Once for all the profiles that capture the same interval. */
	beforeCapture(): void {
		const { sequence } = this.#application.metrology;
		if (this.#committed === sequence) return;
		if (!this.#registers.commitPending()) throw new DeviceError("flash", "refused");
		this.#committed = sequence;
	}

	beforeEntry(index: number, number: number, isExtra: boolean): void {
		if (index === profileIndex.load1) this.#application.interval.ends(number, isExtra);
	}

	nextEntryFound(index: number, number: number): void {
		if (index !== profileIndex.load1) return;
		try {
			this.#application.interval.found(number);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.captureFailed();
		}
	}

	hasCriticalError(): boolean {
		const { metrology, events } = this.#application;
		return events.alarms.hasCriticalError || (!metrology.isValid && metrology.sequence > 0);
	}

	cleared(): void {
		this.#application.events.event(eventLog.standard, profileCleared);
	}

	captureFailed(): void {
		this.#application.events.memoryFailed();
	}
}
