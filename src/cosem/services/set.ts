// SPDX-License-Identifier: Apache-2.0
import type { Association } from "../association.js";
import { decodeCount, encodeLength, readLogicalName, skipValue } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { conformanceBit } from "../conformance.js";
import { dataAccessResult } from "../result.js";
import { LongRequest } from "./long-request.js";
import { outcome, type ServiceContext, serviceTag } from "./service.js";

const requestType = Object.freeze({
	normal: 1,
	withFirstDatablock: 2,
	withDatablock: 3,
	withList: 4,
	withListAndFirstDatablock: 5,
});

const responseType = Object.freeze({
	normal: 1,
	datablock: 2,
	lastDatablock: 3,
	lastDatablockWithList: 4,
	withList: 5,
});

/** SET: normal, with list, and both in blocks (Green Book 9.3.7). Nothing is applied before the last block is there. */
export class SetService {
	readonly #context: ServiceContext;

	constructor(context: ServiceContext) {
		this.#context = context;
	}

	/** As `GetService.serve`. */
	serve(association: Association, r: Reader, w: Writer): number {
		const context = this.#context;
		const type = r.u8();
		const invokeId = context.readInvokeId(r);
		const isInBlocks = type === requestType.withFirstDatablock || type === requestType.withListAndFirstDatablock;
		const isWithList = type === requestType.withList || type === requestType.withListAndFirstDatablock;
		const needed =
			conformanceBit.set |
			(isInBlocks || type === requestType.withDatablock ? conformanceBit.blockTransferWithSet : 0) |
			(isWithList ? conformanceBit.multipleReferences : 0);
		if (!association.allows(needed)) return context.isConfirmed ? outcome.notSupported : outcome.silent;
		if (type === requestType.withDatablock) {
			this.furtherBlock(association, invokeId, r, w);
		} else if (isInBlocks) {
			context.endAnswer(association);
			this.firstBlock(association, invokeId, isWithList, r, w);
		} else if (type === requestType.normal) {
			context.endAnswer(association);
			const result = this.apply(r);
			writeHead(w, responseType.normal, invokeId);
			w.u8(result);
		} else if (type === requestType.withList) {
			context.endAnswer(association);
			const start = w.position;
			writeHead(w, responseType.withList, invokeId);
			if (!this.applyList(r, w, 0)) {
				w.position = start;
				return context.isConfirmed ? outcome.tooLong : outcome.silent;
			}
		} else {
			throw new CodecError("value", r.position - 2);
		}
		return context.isConfirmed ? outcome.answered : outcome.silent;
	}

	/** One descriptor and its value. */
	private apply(r: Reader): number {
		const context = this.#context;
		const classId = r.u16();
		const logicalName = readLogicalName(r);
		const attributeId = r.i8();
		const isSelective = context.readSelection(r);
		context.delimit(r, context.second);
		r.expectEnd();
		return context.access.write(classId, logicalName, attributeId, isSelective, context.second);
	}

	/**
	 * List of descriptors, list of values; writes the list of results.
	 * @returns false when the results would not fit, before anything is applied
	 */
	private applyList(r: Reader, w: Writer, trailer: number): boolean {
		const context = this.#context;
		const count = context.readListCount(r);
		const descriptors = context.first;
		descriptors.reset(r.bytes, r.position, r.end);
		for (let n = 0; n < count; n++) {
			r.skip(9);
			context.readSelection(r);
		}
		if (decodeCount(r) !== count) throw new CodecError("value", r.position);
		const values = r.position;
		for (let n = 0; n < count; n++) skipValue(r);
		r.expectEnd(); // all of it is well formed before anything is applied
		if (w.remaining < 2 + count + trailer) return false;
		r.position = values;
		encodeLength(w, count);
		for (let n = 0; n < count; n++) {
			const classId = descriptors.u16();
			const logicalName = readLogicalName(descriptors);
			const attributeId = descriptors.i8();
			const isSelective = context.readSelection(descriptors);
			context.delimit(r, context.second);
			w.u8(context.access.write(classId, logicalName, attributeId, isSelective, context.second));
		}
		return true;
	}

	private firstBlock(association: Association, invokeId: number, isWithList: boolean, r: Reader, w: Writer): void {
		const context = this.#context;
		const from = r.position;
		for (let n = isWithList ? context.readListCount(r) : 1; n > 0; n--) {
			r.skip(9);
			context.readSelection(r);
		}
		const to = r.position;
		const intake = new LongRequest(serviceTag.setRequest, isWithList, context.limits.longTransfer);
		association.intake = intake;
		const isTaken = intake.append(r.bytes, from, to);
		context.block.decode(r);
		if (isTaken) this.takeBlock(association, invokeId, intake, w);
		else this.end(association, invokeId, dataAccessResult.longSetAborted, w);
	}

	private furtherBlock(association: Association, invokeId: number, r: Reader, w: Writer): void {
		const context = this.#context;
		context.block.decode(r);
		const intake = association.intake;
		if (intake?.service === serviceTag.setRequest) this.takeBlock(association, invokeId, intake, w);
		else this.end(association, invokeId, dataAccessResult.noLongSetInProgress, w);
	}

	private takeBlock(association: Association, invokeId: number, intake: LongRequest, w: Writer): void {
		const context = this.#context;
		const { block } = context;
		const result = context.takeBlock(association, intake, block);
		if (result !== dataAccessResult.success) {
			this.end(association, invokeId, result, w);
		} else if (!block.isLast) {
			writeHead(w, responseType.datablock, invokeId);
			w.u32(block.number);
		} else {
			this.complete(association, invokeId, intake, w);
		}
	}

	private complete(association: Association, invokeId: number, intake: LongRequest, w: Writer): void {
		const context = this.#context;
		const { number } = context.block;
		context.endAnswer(association);
		const r = context.whole;
		r.reset(intake.bytes, 0, intake.length);
		if (!intake.isWithList) {
			this.end(association, invokeId, this.apply(r), w);
			return;
		}
		writeHead(w, responseType.lastDatablockWithList, invokeId);
		if (!this.applyList(r, w, 4)) throw new CodecError("overflow", w.position);
		w.u32(number);
	}

	/** Answers the last block, or the one that ends the transfer early. */
	private end(association: Association, invokeId: number, result: number, w: Writer): void {
		const context = this.#context;
		context.endAnswer(association);
		writeHead(w, responseType.lastDatablock, invokeId);
		w.u8(result);
		w.u32(context.block.number);
	}
}

function writeHead(w: Writer, type: number, invokeId: number): void {
	w.u8(serviceTag.setResponse);
	w.u8(type);
	w.u8(invokeId);
}
