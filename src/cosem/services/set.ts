// SPDX-License-Identifier: Apache-2.0
import type { Association } from "../association/association.js";
import { conformanceBit } from "../association/conformance.js";
import { decodeCount, readLogicalName } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { encodeLength } from "../codec/length.js";
import type { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import type { Writer } from "../codec/writer.js";
import { followed, inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";
import { LongRequestService } from "./long-request-service.js";
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

const longSet = Object.freeze({
	tag: serviceTag.setRequest,
	hasSelection: true,
	aborted: dataAccessResult.longSetAborted,
	noTransfer: dataAccessResult.noLongSetInProgress,
});

/** SET: normal, with list, and both in blocks (Green Book 9.3.7). Nothing is applied before the last block is there. */
export class SetService extends LongRequestService {
	/** As `GetService.serve`. */
	serve(association: Association, r: Reader, w: Writer): number | Pieces {
		const { context } = this;
		const type = r.u8();
		const invokeId = context.readInvokeId(r);
		const isInBlocks = type === requestType.withFirstDatablock || type === requestType.withListAndFirstDatablock;
		const isWithList = type === requestType.withList || type === requestType.withListAndFirstDatablock;
		const needed =
			conformanceBit.set |
			(isInBlocks || type === requestType.withDatablock ? conformanceBit.blockTransferWithSet : 0) |
			(isWithList ? conformanceBit.multipleReferences : 0);
		if (!association.allows(needed)) return context.isConfirmed ? outcome.notSupported : outcome.silent;
		if (type === requestType.withDatablock) return this.furtherBlock(association, invokeId, r, w);
		if (isInBlocks) {
			context.endAnswer(association);
			return this.firstBlock(association, invokeId, isWithList, r, w);
		}
		if (type === requestType.normal) {
			context.endAnswer(association);
			return followed(apply(context, r), (result) => {
				writeHead(w, responseType.normal, invokeId);
				w.u8(result);
				return context.answered;
			});
		}
		if (type !== requestType.withList) throw new CodecError("value", r.position - 2);
		context.endAnswer(association);
		return this.answerList(invokeId, r, w);
	}

	private answerList(invokeId: number, r: Reader, w: Writer): Pieces {
		const { context } = this;
		const start = w.position;
		writeHead(w, responseType.withList, invokeId);
		return followed(applyList(context, r, w, 0), (result) => {
			if (result === outcome.answered) return context.answered;
			w.position = start;
			return context.isConfirmed ? result : outcome.silent;
		});
	}

	protected override get kind(): typeof longSet {
		return longSet;
	}

	protected override acknowledge(invokeId: number, block: number, w: Writer): void {
		writeHead(w, responseType.datablock, invokeId);
		w.u32(block);
	}

	protected override complete(
		association: Association,
		invokeId: number,
		isWithList: boolean,
		r: Reader,
		w: Writer,
	): number | Pieces {
		if (isWithList) return this.completeList(invokeId, r, w);
		const finish = (result: number): number => {
			this.end(association, invokeId, result, w);
			return this.context.answered;
		};
		return followed(apply(this.context, r), finish);
	}

	private completeList(invokeId: number, r: Reader, w: Writer): Pieces {
		const { context } = this;
		const { number } = context.block;
		writeHead(w, responseType.lastDatablockWithList, invokeId);
		return followed(applyList(context, r, w, 4), (result) => {
			if (result !== outcome.answered) throw new CodecError("overflow", w.position);
			w.u32(number);
			return context.answered;
		});
	}

	/** Answers the last block, or the one that ends the transfer early. */
	protected override end(association: Association, invokeId: number, result: number, w: Writer): void {
		const { context } = this;
		context.endAnswer(association);
		writeHead(w, responseType.lastDatablock, invokeId);
		w.u8(result);
		w.u32(context.block.number);
	}
}

/**
 * List of descriptors, list of values; writes the list of results.
 * @returns `outcome.tooLong` when the results would not fit, before anything is applied; else `answered`
 */
const applyList = inPieces(function* (context: ServiceContext, r: Reader, w: Writer, trailer: number): Pieces {
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
	if (w.remaining < 2 + count + trailer) return outcome.tooLong;
	r.position = values;
	encodeLength(w, count);
	for (let n = 0; n < count; n++) {
		yield pause.always;
		const classId = descriptors.u16();
		const logicalName = readLogicalName(descriptors);
		const attributeId = descriptors.i8();
		const isSelective = context.readSelection(descriptors);
		context.delimit(r, context.second);
		const result = context.access.write(classId, logicalName, attributeId, isSelective, context.second);
		w.u8(typeof result === "number" ? result : yield* result);
	}
	return outcome.answered;
});

/** One descriptor and its value. */
const apply = inPieces(function* (context: ServiceContext, r: Reader): Pieces {
	const classId = r.u16();
	const logicalName = readLogicalName(r);
	const attributeId = r.i8();
	const isSelective = context.readSelection(r);
	context.delimit(r, context.second);
	r.expectEnd();
	yield pause.always;
	const result = context.access.write(classId, logicalName, attributeId, isSelective, context.second);
	return typeof result === "number" ? result : yield* result;
});

function writeHead(w: Writer, type: number, invokeId: number): void {
	w.u8(serviceTag.setResponse);
	w.u8(type);
	w.u8(invokeId);
}
