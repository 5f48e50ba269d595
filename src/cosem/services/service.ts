// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../../core/no-octets.js";
import type { Log } from "../../ports/log.js";
import type { Pace } from "../../ports/pace.js";
import type { Application } from "../application.js";
import type { Association } from "../association/association.js";
import { CodecError } from "../codec/codec-error.js";
import { decodeLength, encodeLength, sizeOfLength } from "../codec/length.js";
import { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import { Writer } from "../codec/writer.js";
import type { ServerLimits } from "../limits.js";
import { transferTimeout_ms } from "../limits.js";
import { maximumElementSize } from "../model.js";
import { dataAccessResult } from "../result.js";
import type { ServerObserver } from "../server-observer.js";
import { Content } from "./content.js";
import type { ListItems } from "./list-items.js";
import type { LongRequest } from "./long-request.js";
import { ObjectAccess } from "./object-access.js";
import type { Transfer } from "./transfer.js";

/** Tags of the plain services. */
export const serviceTag = Object.freeze({
	getRequest: 0xc0,
	setRequest: 0xc1,
	actionRequest: 0xc3,
	getResponse: 0xc4,
	setResponse: 0xc5,
	actionResponse: 0xc7,
	accessRequest: 0xd9,
	accessResponse: 0xda,
});

/** How a service left its request. */
export const outcome = Object.freeze({
	/** The response is written. */
	answered: 0,
	/** No response: the request was unconfirmed. */
	silent: 1,
	/** Not in the negotiated conformance. */
	notSupported: 2,
	/** The response cannot fit, or the request is beyond a limit of the meter. */
	tooLong: 3,
});

const confirmed = 0x40;
const confirmedLong = 0x4000_0000;

/** DataBlock-SA. Reused. */
export class Datablock {
	isLast = false;
	number = 0;
	bytes: Uint8Array = noOctets;
	from = 0;
	to = 0;

	decode(r: Reader): void {
		this.isLast = r.u8() !== 0;
		this.number = r.u32();
		const length = decodeLength(r);
		this.bytes = r.bytes;
		this.from = r.skip(length);
		this.to = r.position;
		r.expectEnd();
	}
}

/** What the services of one server share: scratch memory and the rules of block transfer. */
export class ServiceContext {
	readonly application: Application;
	readonly limits: ServerLimits;
	readonly access: ObjectAccess;
	/** Second and third position in a request. */
	readonly first = new Reader();
	readonly second = new Reader();
	/** On a request put together from blocks. */
	readonly whole = new Reader();
	readonly block = new Datablock();
	/** False once a request has said that it wants no answer, not even an exception. */
	isConfirmed = true;
	readonly #row = new Writer(maximumElementSize);
	readonly #pace: Pace | undefined;
	/** The client is one that is never answered. */
	#isMute = false;
	#spare: Content | undefined;

	constructor(
		application: Application,
		limits: ServerLimits,
		log: Log | undefined,
		observer?: ServerObserver,
		pace?: Pace,
	) {
		this.application = application;
		this.limits = limits;
		this.access = new ObjectAccess(application, log, observer, pace);
		this.#pace = pace;
	}

	/** How a service leaves a request that it has served, one of `outcome`. */
	get answered(): number {
		return this.isConfirmed ? outcome.answered : outcome.silent;
	}

	begin(association: Association): void {
		this.#isMute = association.client.isAlwaysOpen === true;
		this.isConfirmed = !this.#isMute;
		this.access.serve(association);
	}

	/** Reads invoke-id-and-priority. */
	readInvokeId(r: Reader): number {
		const invokeId = r.u8();
		this.isConfirmed = !this.#isMute && (invokeId & confirmed) !== 0;
		return invokeId;
	}

	/** Reads long-invoke-id-and-priority. */
	readLongInvokeId(r: Reader): number {
		const invokeId = r.u32();
		this.isConfirmed = !this.#isMute && (invokeId & confirmedLong) !== 0;
		return invokeId;
	}

	/** An empty content; handed back with `giveBack` or kept in the association while its blocks leave. */
	takeContent(): Content {
		const content = this.#spare ?? new Content(this.limits.longTransfer, this.#row);
		this.#spare = undefined;
		content.clear();
		return content;
	}

	giveBack(content: Content): void {
		// one that has grown is not kept
		if (content.w.bytes.length <= maximumElementSize + 16) this.#spare = content;
	}

	/** Sends `content` in blocks; the first is number 1. */
	startAnswer(association: Association, responseTag: number, content: Content): Transfer {
		association.dropTransfers();
		const transfer = association.takeTransfer();
		transfer.answer = content;
		transfer.answerTag = responseTag;
		return transfer;
	}

	endAnswer(association: Association): void {
		const content = association.transfer?.answer;
		association.dropTransfers();
		if (content !== undefined) this.giveBack(content);
	}

	/** The peer has moved the transfer on: it has the whole time again. */
	prolongTransfer(association: Association): void {
		if (association.transfer !== undefined)
			association.transfer.until_ms = this.application.now_ms() + transferTimeout_ms;
	}

	/**
	 * Writes all of `content` if it fits, and makes durable what it tells; otherwise some of it, or nothing.
	 * @param service its name, for the log
	 * @param mayCut stops when the pace is spent
	 * @returns a `dataAccessResult`; success does not say that it fitted
	 */
	fillWhole(w: Writer, content: Content, service: string, mayCut = false): number {
		if (content.minimumSize > w.remaining) return dataAccessResult.success;
		try {
			content.fill(w, w.remaining, mayCut ? this.#pace : undefined);
			if (content.isFinished) this.application.beforeResponse();
			return dataAccessResult.success;
		} catch (error) {
			return this.access.failure(error, service);
		}
	}

	/**
	 * As `fillWhole`, of a list whose items each have a result: where a part of the meter fails, the items concerned say so
	 * in place of their data, and the others stand as they are.
	 * @param list its items
	 * @param trailer octets to be left behind it
	 */
	fillList(w: Writer, content: Content, list: ListItems, service: string, trailer = 0): void {
		const start = w.position;
		for (;;) {
			w.position = start;
			content.rewind();
			const room = w.remaining - trailer;
			if (content.minimumSize > room) return;
			try {
				content.fill(w, room);
			} catch (error) {
				list.refuse(content, list.itemOf(content.sourceAt), this.access.failure(error, service));
				continue;
			}
			if (!content.isFinished) return;
			try {
				if (list.hasRead) this.application.beforeResponse();
				return;
			} catch (error) {
				list.refuseRead(content, this.access.failure(error, service));
			}
		}
	}

	/** Whether the client asks for the block behind block `number`: the next one, or the last one once more, whose answer was lost. */
	isNextBlock(transfer: Transfer, number: number): boolean {
		if (number === transfer.answerBlock) return true;
		if (number < 1 || number !== transfer.answerBlock - 1) return false;
		transfer.answer!.goBack();
		transfer.answerBlock--;
		return true;
	}

	/** Writes length and octets of as much of `content` as fits. */
	writeRawData(w: Writer, content: Content): void {
		const room = w.remaining;
		let size = room - sizeOfLength(room);
		if (sizeOfLength(size + 1) + size + 1 <= room) size++;
		if (size < 1) throw new CodecError("overflow", w.position);
		const start = w.position;
		const reserved = sizeOfLength(size);
		w.claim(reserved);
		const count = content.fill(w, size, this.#pace);
		const end = w.position;
		const needed = sizeOfLength(count);
		if (needed < reserved) w.bytes.copyWithin(start + needed, start + reserved, end);
		w.position = start;
		encodeLength(w, count);
		w.position = start + needed + count;
	}

	/**
	 * Takes one block of a request: last-block, block-number, raw-data at `r`.
	 * @returns a `dataAccessResult`; any but success ends the transfer
	 */
	takeBlock(association: Association, intake: LongRequest, block: Datablock): number {
		if (block.number !== intake.block + 1) return dataAccessResult.dataBlockNumberInvalid;
		if (!intake.append(block.bytes, block.from, block.to)) return dataAccessResult.longSetAborted;
		intake.block = block.number;
		this.prolongTransfer(association);
		return dataAccessResult.success;
	}

	/** Number of items of a list, checked against the limit of the meter. */
	readListCount(r: Reader): number {
		const at = r.position;
		const count = decodeLength(r);
		if (count > this.limits.listItems || count === 0) throw new CodecError("limit", at);
		return count;
	}

	/** Passes one value and sets `value` on it. */
	delimit(r: Reader, value: Reader): void {
		const from = r.position;
		skipValue(r);
		value.reset(r.bytes, from, r.position);
	}

	/** Passes access-selection-parameters; true when there are some, which are then in `access.selection`. */
	readSelection(r: Reader): boolean {
		const at = r.position;
		const flag = r.u8();
		if (flag === 0) return false;
		if (flag !== 1) throw new CodecError("value", at);
		this.access.selection.selector = r.u8();
		this.delimit(r, this.access.selection.parameters);
		return true;
	}
}
