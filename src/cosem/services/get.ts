// SPDX-License-Identifier: Apache-2.0
import type { Association } from "../association/association.js";
import { conformanceBit } from "../association/conformance.js";
import { readLogicalName } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { encodeLength, sizeOfLength } from "../codec/length.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { dataAccessResult } from "../result.js";
import type { Content } from "./content.js";
import { itemKind, ListItems } from "./list-items.js";
import { outcome, type ServiceContext, serviceTag } from "./service.js";
import type { Transfer } from "./transfer.js";

const requestType = Object.freeze({ normal: 1, next: 2, withList: 3 });
const responseType = Object.freeze({ normal: 1, withDatablock: 2, withList: 3 });

/** In the log. */
const name = "GET";

/** Octets in front of the data of a normal response, and in front of the length of a block. */
const normalHead = 4;
const blockHead = 9;
const longestLength = 3;

/** GET: normal, with list, and the blocks of a response that is too long for one APDU (Green Book 9.3.6). */
export class GetService {
	readonly #context: ServiceContext;

	constructor(context: ServiceContext) {
		this.#context = context;
	}

	/**
	 * @param r behind the service tag
	 * @param w takes the plain response; its limit is what the client can receive
	 * @returns one of `outcome`
	 */
	serve(association: Association, r: Reader, w: Writer): number {
		const context = this.#context;
		const type = r.u8();
		const invokeId = context.readInvokeId(r);
		if (!context.isConfirmed) return outcome.silent;
		switch (type) {
			case requestType.normal:
				if (!association.allows(conformanceBit.get)) return outcome.notSupported;
				return this.normal(association, invokeId, r, w);
			case requestType.next:
				if (!association.allows(conformanceBit.blockTransferWithGet)) return outcome.notSupported;
				return this.next(association, invokeId, r, w);
			case requestType.withList:
				if (!association.allows(conformanceBit.get | conformanceBit.multipleReferences)) return outcome.notSupported;
				return this.withList(association, invokeId, r, w);
			default:
				throw new CodecError("value", r.position - 2);
		}
	}

	private normal(association: Association, invokeId: number, r: Reader, w: Writer): number {
		const context = this.#context;
		const classId = r.u16();
		const logicalName = readLogicalName(r);
		const attributeId = r.i8();
		const isSelective = context.readSelection(r);
		r.expectEnd();
		context.endAnswer(association);
		const content = context.takeContent();
		let result = context.access.read(classId, logicalName, attributeId, isSelective, content);
		const start = w.position;
		if (result === dataAccessResult.success) {
			writeHead(w, responseType.normal, invokeId);
			w.u8(0); // data
			result = context.fillWhole(w, content, name, association.allows(conformanceBit.blockTransferWithGet));
			if (result === dataAccessResult.success && !content.isFinished) {
				if (this.isWorthKeeping(start, w)) return this.firstBlock(association, invokeId, content, start, w);
				w.position = start;
				return this.inBlocks(association, invokeId, content, w);
			}
		}
		context.giveBack(content);
		if (result !== dataAccessResult.success) {
			w.position = start;
			writeHead(w, responseType.normal, invokeId);
			w.u8(1); // data-access-result
			w.u8(result);
		}
		return outcome.answered;
	}

	private withList(association: Association, invokeId: number, r: Reader, w: Writer): number {
		const context = this.#context;
		const count = context.readListCount(r);
		const items = context.first;
		items.reset(r.bytes, r.position, r.end);
		for (let n = 0; n < count; n++) {
			r.skip(9);
			context.readSelection(r);
		}
		r.expectEnd(); // all of it is well formed before anything is read
		context.endAnswer(association);
		const content = context.takeContent();
		content.reserve(3);
		encodeLength(content.w, count);
		const list = new ListItems(count, itemKind.get);
		for (let n = 0; n < count; n++) {
			list.begin(n, content);
			if (this.readItem(items, content)) list.setRead(n);
		}
		list.begin(count, content);
		const start = w.position;
		writeHead(w, responseType.withList, invokeId);
		context.fillList(w, content, list, name);
		if (!content.isFinished) {
			w.position = start;
			if (association.allows(conformanceBit.blockTransferWithGet))
				return this.inBlocks(association, invokeId, content, w);
			list.shorten(content);
			writeHead(w, responseType.withList, invokeId);
			content.rewind();
			if (content.w.position > w.remaining) {
				context.giveBack(content);
				return outcome.tooLong;
			}
			content.fill(w, w.remaining);
		}
		context.giveBack(content);
		return outcome.answered;
	}

	/** Appends one Get-Data-Result; true for data. */
	private readItem(items: Reader, content: Content): boolean {
		const context = this.#context;
		const classId = items.u16();
		const logicalName = readLogicalName(items);
		const attributeId = items.i8();
		const isSelective = context.readSelection(items);
		content.reserve(2);
		const mark = content.w.position;
		content.w.u8(0);
		const result = context.access.read(classId, logicalName, attributeId, isSelective, content);
		if (result === dataAccessResult.success) return true;
		content.w.position = mark;
		content.w.u8(1);
		content.w.u8(result);
		return false;
	}

	private inBlocks(association: Association, invokeId: number, content: Content, w: Writer): number {
		const context = this.#context;
		if (!association.allows(conformanceBit.blockTransferWithGet)) {
			context.giveBack(content);
			writeHead(w, responseType.normal, invokeId);
			w.u8(1);
			w.u8(dataAccessResult.otherReason);
			return outcome.answered;
		}
		content.rewind();
		const transfer = context.startAnswer(association, serviceTag.getResponse, content);
		return this.block(association, transfer, invokeId, w);
	}

	/** Something stands behind the head of a normal response that was cut short, and the head of a block fits before it. */
	private isWorthKeeping(start: number, w: Writer): boolean {
		return w.position > start + normalHead && w.remaining >= blockHead + longestLength - normalHead;
	}

	/** Makes block 1 of what is written of a normal response already: encoding it again would take as long again. */
	private firstBlock(association: Association, invokeId: number, content: Content, start: number, w: Writer): number {
		const context = this.#context;
		const transfer = context.startAnswer(association, serviceTag.getResponse, content);
		const from = start + normalHead;
		const to = w.position;
		const size = to - from;
		const into = start + blockHead + sizeOfLength(size);
		w.bytes.copyWithin(into, from, to);
		w.position = start;
		writeHead(w, responseType.withDatablock, invokeId);
		w.u8(0); // not the last
		w.u32(1);
		w.u8(0); // raw-data
		encodeLength(w, size);
		w.position = into + size;
		return this.sent(association, transfer, invokeId, start, w);
	}

	/** Makes durable what a block tells, and counts it. */
	private sent(association: Association, transfer: Transfer, invokeId: number, start: number, w: Writer): number {
		const context = this.#context;
		const number = transfer.answerBlock + 1;
		try {
			context.application.beforeResponse();
		} catch (error) {
			w.position = start;
			return this.abort(association, invokeId, number, context.access.failure(error, name), w);
		}
		transfer.answerBlock = number;
		if (transfer.answer!.isFinished) context.endAnswer(association);
		else context.prolongTransfer(association);
		return outcome.answered;
	}

	private next(association: Association, invokeId: number, r: Reader, w: Writer): number {
		const number = r.u32();
		r.expectEnd();
		const { transfer } = association;
		const isRunning = transfer?.answer !== undefined && transfer.answerTag === serviceTag.getResponse;
		if (isRunning && this.#context.isNextBlock(transfer, number)) return this.block(association, transfer, invokeId, w);
		const error = isRunning ? dataAccessResult.dataBlockNumberInvalid : dataAccessResult.noLongGetInProgress;
		return this.abort(association, invokeId, number, error, w);
	}

	private block(association: Association, transfer: Transfer, invokeId: number, w: Writer): number {
		const context = this.#context;
		const content = transfer.answer!;
		const start = w.position;
		const number = transfer.answerBlock + 1;
		try {
			writeHead(w, responseType.withDatablock, invokeId);
			const last = w.claim(1);
			w.u32(number);
			w.u8(0); // raw-data
			content.mark();
			context.writeRawData(w, content);
			w.bytes[last] = content.isFinished ? 1 : 0;
		} catch (error) {
			w.position = start;
			return this.abort(association, invokeId, number, context.access.failure(error, name), w);
		}
		return this.sent(association, transfer, invokeId, start, w);
	}

	/** The last block there is: an error instead of data. */
	private abort(association: Association, invokeId: number, number: number, error: number, w: Writer): number {
		this.#context.endAnswer(association);
		writeHead(w, responseType.withDatablock, invokeId);
		w.u8(1);
		w.u32(number);
		w.u8(1); // data-access-result
		w.u8(error);
		return outcome.answered;
	}
}

function writeHead(w: Writer, type: number, invokeId: number): void {
	w.u8(serviceTag.getResponse);
	w.u8(type);
	w.u8(invokeId);
}
